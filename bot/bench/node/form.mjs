// The same small form for every bot: fifteen questions, one at a time, and at the end how many answers there are with a hash of them.
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const questions = 15;

/** Takes a message; state is { answers } or nothing yet. Returns the next state and what to say. */
export function step(state, text) {
  if (!state) return [{ answers: [] }, ask(1)];
  const answers = [...state.answers, text];
  if (answers.length < questions) return [{ answers }, ask(answers.length + 1)];
  return [{ answers }, `klar ${questions} ${createHash('sha256').update(answers.join('\n')).digest('hex')}`];
}

const ask = (n) => `[${n}] Vad är svaret på fråga ${n} av ${questions}? Skriv det med egna ord, så sparas det direkt.`;

/** A key-value table in SQLite that is on the disk when a write returns. */
export class Table {
  constructor(file) {
    this.db = new DatabaseSync(file);
    this.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS state (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)');
    this.select = this.db.prepare('SELECT value FROM state WHERE key = ?');
    this.upsert = this.db.prepare('INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
    this.remove = this.db.prepare('DELETE FROM state WHERE key = ?');
  }

  get(key) {
    return this.select.get(key)?.value;
  }

  set(key, value) {
    this.upsert.run(key, value);
  }

  delete(key) {
    this.remove.run(key);
  }
}

/** What the Bot Framework's and the Agents SDK call Storage, over the table. */
export class Storage {
  constructor(file) {
    this.table = new Table(file);
  }

  async read(keys) {
    const items = {};
    for (const key of keys) {
      const value = this.table.get(key);
      if (value !== undefined) items[key] = JSON.parse(value);
    }
    return items;
  }

  async write(changes) {
    const { db } = this.table;
    db.exec('BEGIN IMMEDIATE');
    for (const [key, value] of Object.entries(changes)) this.table.set(key, JSON.stringify(value));
    db.exec('COMMIT');
  }

  async delete(keys) {
    for (const key of keys) this.table.delete(key);
  }
}
