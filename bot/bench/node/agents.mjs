// The form with the Microsoft 365 Agents SDK. usage: node agents.mjs PORT DATABASE
import { AgentApplication, CloudAdapter, authorizeJWT } from '@microsoft/agents-hosting';
import express from 'express';
import { Storage, step } from './form.mjs';

const [port, file] = process.argv.slice(2);
const config = {};
const adapter = new CloudAdapter(config);
const agent = new AgentApplication({ adapter, storage: new Storage(file) });
agent.onActivity('message', async (context, state) => {
  const [next, say] = step(state.getValue('conversation.form'), context.activity.text);
  state.setValue('conversation.form', next);
  await context.sendActivity(say);
});
// Version 1.8.1 saves the state only where something is to be done after the turn.
agent.onTurn('afterTurn', async () => true);

const server = express();
server.use(express.json());
server.post('/api/messages', authorizeJWT(config), (req, res) => adapter.process(req, res, (context) => agent.run(context)));
server.listen(Number(port), '127.0.0.1');
