// The form with the Bot Framework SDK. usage: node botbuilder.mjs PORT DATABASE
import botbuilder from 'botbuilder';
import express from 'express';
import { Storage, step } from './form.mjs';

const { ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication, ConversationState } = botbuilder;
const [port, file] = process.argv.slice(2);
const conversation = new ConversationState(new Storage(file));
const form = conversation.createProperty('form');

class Bot extends ActivityHandler {
  constructor() {
    super();
    this.onMessage(async (context, next) => {
      const [after, say] = step(await form.get(context), context.activity.text);
      await form.set(context, after);
      await context.sendActivity(say);
      await next();
    });
  }

  async run(context) {
    await super.run(context);
    await conversation.saveChanges(context);
  }
}

const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));
const bot = new Bot();
const server = express();
server.use(express.json());
server.post('/api/messages', (req, res) => adapter.process(req, res, (context) => bot.run(context)));
server.listen(Number(port), '127.0.0.1');
