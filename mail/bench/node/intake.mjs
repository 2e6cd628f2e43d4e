// The same work with the packages that a Node developer would take: the mailbox is fetched a batch at a time, each mail is parsed and its new
// text found, the batch is committed durably, and then moved. Nothing is encrypted.
// usage: node intake.mjs HOST PORT DATABASE
import { DatabaseSync } from 'node:sqlite';
import EmailReplyParser from 'email-reply-parser';
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';

const [host, port, file] = process.argv.slice(2);
const batchMails = 100;

const db = new DatabaseSync(file);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE inbound (id TEXT NOT NULL PRIMARY KEY, at INTEGER, sender TEXT, reply TEXT, raw BLOB)`);
const insert = db.prepare('INSERT INTO inbound (id, at, sender, reply, raw) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING');

const client = new ImapFlow({ host, port: Number(port), secure: false, doSTARTTLS: false, auth: { user: 'bench', pass: 'bench' }, logger: false });
await client.connect();
await client.mailboxCreate('Handled');
await client.mailboxOpen('INBOX');

let mails = 0;
let letters = 0;
const uids = await client.search({ all: true }, { uid: true });
for (let from = 0; from < uids.length; from += batchMails) {
  const range = uids.slice(from, from + batchMails).join(',');
  const rows = [];
  for (const m of await client.fetchAll(range, { uid: true, internalDate: true, source: true }, { uid: true })) {
    const parsed = await simpleParser(m.source, { skipImageLinks: true, skipTextToHtml: true });
    const reply = new EmailReplyParser().read(parsed.text ?? '').getVisibleText();
    rows.push([parsed.messageId ?? String(m.uid), m.internalDate.getTime(), parsed.from?.value[0]?.address ?? '', reply, m.source]);
  }
  db.exec('BEGIN IMMEDIATE');
  for (const row of rows) insert.run(...row);
  db.exec('COMMIT');
  await client.messageMove(range, 'Handled', { uid: true });
  mails += rows.length;
  for (const row of rows) letters += row[3].length;
}
await client.logout();
console.log(JSON.stringify({ mails, letters, kept: db.prepare('SELECT count(*) AS n FROM inbound').get().n }));
