// The form with the Teams SDK. usage: node teams.mjs PORT DATABASE
import { App, ExpressAdapter } from '@microsoft/teams.apps';
import { createServer } from 'node:http';
import { Table, step } from './form.mjs';

const [port, file] = process.argv.slice(2);
const server = createServer();
const app = new App({
  dangerouslyAllowUnauthenticatedRequests: true,
  httpServerAdapter: new ExpressAdapter(server),
  state: { storage: new Table(file) },
});
app.on('message', async ({ activity, state, send }) => {
  const [next, say] = step(state.conversation.get('form'), activity.text);
  state.conversation.set('form', next);
  await send(say);
});
await app.initialize();
server.listen(Number(port), '127.0.0.1');
