// Is the hands and eyes of people in the Agents Playground: teams.cjs NAME=URL…
// It reads what to do from standard input, a JSON object a line with the person's name as "who", and answers each with one:
//   {"do": "look", "since": n}          what came or changed since the nth, oldest first: {messages: [{n, id, card, text}]}
//   {"do": "fill", "id", "values": {…}} fills inputs of a message's card, by their ids in the card and their labels on the page
//   {"do": "press", "id", "title", "nth", "values"} presses a button of a message's card, of those with the title the nth from 0; with values
//                                       it fills them in first
//   {"do": "say", "text"}               types a message and sends it
//   {"do": "shot", "name", "id", "before"} takes a picture into FRIST_SCREENSHOTS; if there is an id, of a message's card alone, or with so many before it
// At the end of its input it tells what the pages say, as all scripts here do, and which cards each person could still fill in: open.
const readline = require("readline");
const path = require("path");
const { run } = require("./open.cjs");

const viewport = { width: 1300, height: 1000 };
const adaptive = "application/vnd.microsoft.card.adaptive";

// Chat is what a page gets from the bot: by its socket, and as the answer to a pressed button.
class Chat {
  constructor(page) {
    Object.assign(this, { page, cards: page.locator(".ac-adaptiveCard"), messages: new Map(), count: 0 });
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => {
      let f;
      try { f = JSON.parse(String(payload)); } catch { return; }
      if (/^(create|update)Message$/.test(f.action) && f.message.from.id.startsWith("28:")) this.put(f.message);
    }));
    page.on("response", async (r) => {
      if (!r.url().endsWith("/_conversation/v1/invoke") || r.status() !== 200) return;
      const answer = await r.json().catch(() => ({}));
      const id = JSON.parse(r.request().postData()).replyToId;
      if (answer.type === adaptive && this.messages.has(id)) this.put({ messageId: id, attachments: [{ contentType: adaptive, content: answer.value }] });
    });
  }

  put(m) {
    const card = (m.attachments || []).find((a) => a.contentType === adaptive);
    this.messages.set(m.messageId, { n: ++this.count, id: m.messageId, card: card ? card.content : null, text: m.text || "" });
    if (this.woken) this.woken();
  }

  // card finds a message's card on the page, which shows them all in the order in which they came.
  async card(id) {
    const all = [...this.messages.values()].filter((m) => m.card);
    await this.page.waitForFunction((n) => document.querySelectorAll(".ac-adaptiveCard").length >= n, all.length);
    return this.cards.nth(all.findIndex((m) => m.id === id));
  }

  // look waits a moment for what has not come yet.
  async look({ since }) {
    if (this.count <= since) await Promise.race([new Promise((r) => { this.woken = r; }), this.page.waitForTimeout(1000)]);
    return { messages: [...this.messages.values()].filter((m) => m.n > since).sort((a, b) => a.n - b.n) };
  }

  async fill({ id, values }) {
    const all = inputs(this.messages.get(id).card);
    const root = await this.card(id);
    for (const [name, value] of Object.entries(values)) {
      const input = all.find((i) => i.id === name);
      if (!input) throw new Error(`the card has no input ${name}`);
      await fillInput(this.page, root, all, input, value);
    }
    if (await forgot(this.page, root, all, values)) await this.fill({ id, values });
  }

  // press fills in and presses at once: whenever a message comes, the page draws its cards anew and forgets what was filled in. A press
  // that sends nothing, since something required is missing then, is tried again.
  async press({ id, title, nth, values }) {
    for (let tries = 0; tries < 3; tries++) {
      if (values) await this.fill({ id, values });
      const root = await this.card(id);
      const sent = this.page.waitForRequest((r) => /_conversation\/v1\/(invoke|submit)$/.test(r.url()), { timeout: 10000 }).then((r) => r.postData(), () => "");
      const button = root.locator("button").filter({ hasText: literal(title) }).nth(nth);
      if (await button.isVisible()) await button.click();
      else { // it lies in the overflow menu
        await root.getByRole("button").last().click();
        await this.page.getByText(title, { exact: true }).last().click();
      }
      const data = await sent;
      const lost = Object.keys(values || {}).filter((name) => !data.includes(JSON.stringify(name)));
      if (data && lost.length) throw new Error(`${title} went without ${lost}: ${data}`);
      if (data) return;
    }
    throw new Error(`the button ${title} sends nothing`);
  }

  async say({ text }) {
    await this.page.getByRole("textbox").last().click();
    for (const [i, line] of text.split("\n").entries()) {
      if (i > 0) await this.page.keyboard.press("Shift+Enter");
      await this.page.keyboard.insertText(line);
    }
    await this.page.keyboard.press("Enter");
  }

  async shot({ name, id, before = 0 }) {
    if (!process.env.FRIST_SCREENSHOTS) return;
    const picture = { path: path.join(process.env.FRIST_SCREENSHOTS, name + ".png") };
    if (id) {
      const last = await this.card(id);
      const first = this.cards.nth([...this.messages.values()].filter((m) => m.card).findIndex((m) => m.id === id) - before);
      const height = async () => {
        const [from, to] = [await first.boundingBox(), await last.boundingBox()];
        return to.y + to.height - from.y;
      };
      const tall = (await height()) + 300;
      if (tall > viewport.height) await this.page.setViewportSize({ ...viewport, height: Math.ceil(tall) });
      await last.scrollIntoViewIfNeeded();
      const box = await first.boundingBox(); // with it, whom it comes from
      picture.clip = { x: box.x - 70, y: box.y - 35, width: box.width + 95, height: (await height()) + 50 };
      await this.page.screenshot(picture);
      if (tall > viewport.height) await this.page.setViewportSize(viewport);
      return;
    }
    await this.page.screenshot(picture);
  }
}

// inputs lists a card's inputs in the order in which they stand.
function inputs(element, found = []) {
  if (!element || typeof element !== "object") return found;
  if (Array.isArray(element)) for (const e of element) inputs(e, found);
  else {
    if (String(element.type).startsWith("Input.")) found.push(element);
    for (const part of ["body", "items", "columns", "actions", "card", "rows", "cells"]) inputs(element[part], found);
  }
  return found;
}

const escaped = (s) => s.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
// A required input's label ends with an asterisk; a box in a list may be named by the list first.
const literal = (s, list = "") => new RegExp(`^(?:${escaped(list)}\\s*\\*?\\s*)?${escaped(s)}\\s*\\*?$`);

const boxes = (root, all, input) => root.getByLabel(literal(input.label)).nth(all.filter((i) => i.label === input.label && i.type !== "Input.ChoiceSet").indexOf(input));

// forgot tells whether the page has drawn the card anew since it was filled in: then what stands in it is nothing, or what it came with.
async function forgot(page, root, all, values) {
  await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
  for (const id of Object.keys(values)) {
    const input = all.find((i) => i.id === id);
    if (input.type !== "Input.ChoiceSet") {
      const stands = await boxes(root, all, input).inputValue();
      if (input.type === "Input.Text" ? stands !== values[id] : !stands) return true;
    } else if (input.style === "expanded" && !await root.locator("input:checked").count()) return true;
  }
  return false;
}

async function fillInput(page, root, all, input, value) {
  const same = all.filter((i) => i.label === input.label && (i.type === "Input.ChoiceSet") === (input.type === "Input.ChoiceSet"));
  if (input.type !== "Input.ChoiceSet") {
    const box = boxes(root, all, input);
    if (input.type !== "Input.Time") {
      await box.fill(value);
      return box.blur();
    }
    // A time counts once the page has put it into its own words, and not when it is the one that was there.
    const [hour, minute] = value.split(":");
    const words = `${hour % 12 || 12}:${minute} ${hour < 12 ? "AM" : "PM"}`;
    for (let tries = 0; tries < 5; tries++) {
      if (await box.inputValue() === words) return;
      for (const text of ["", value]) {
        await box.fill(text);
        await box.blur();
      }
      await page.waitForTimeout(50);
    }
    throw new Error(`the page does not take the time ${value}`);
  }
  const titles = input.choices.filter((c) => (input.isMultiSelect ? value.split(",") : [value]).includes(c.value)).map((c) => c.title);
  if (titles.length === 0) throw new Error(`${input.id} offers no ${value}`);
  if (input.style !== "expanded" && !input.isMultiSelect) {
    const list = root.getByLabel(literal(input.label)).nth(same.indexOf(input));
    if (await list.evaluate((e) => e.tagName) === "SELECT") return list.selectOption({ label: titles[0] });
    await list.click();
    return page.getByRole("option", { name: literal(titles[0]) }).click();
  }
  const role = input.isMultiSelect ? "checkbox" : "radio";
  for (const c of input.choices) {
    const box = root.getByRole(role, { name: literal(c.title, input.label) });
    const wanted = titles.includes(c.title);
    if (await box.isChecked() !== wanted && (wanted || role === "checkbox")) await box.click();
  }
}

run("about:blank", async (page, context) => {
  const chats = {};
  await Promise.all(process.argv.slice(2).map(async (arg) => {
    const [name, url] = arg.split(/=(.*)/s);
    chats[name] = new Chat(await context.newPage());
    await chats[name].page.setViewportSize(viewport);
    await chats[name].page.goto(url);
    // Each message keeps an animated bar, seen or not, that the processor has to draw.
    await chats[name].page.addStyleTag({ content: "* { animation: none !important; transition: none !important; }" });
    await chats[name].page.getByRole("button", { name: "Send Message" }).waitFor();
  }));
  let front;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const step = JSON.parse(line);
    try {
      // A page behind another is drawn once a second, and whoever clicks waits for that.
      if (front !== step.who) await chats[front = step.who].page.bringToFront();
      console.log(JSON.stringify({ ...(await chats[step.who][step.do](step)), done: true }));
    } catch (e) {
      await chats[step.who].shot({ name: "failed-" + step.who });
      console.log(JSON.stringify({ done: false, error: `${step.do}: ${e.message}` }));
    }
  }
  const text = [], open = {};
  for (const [name, { page, cards }] of Object.entries(chats)) {
    text.push(await page.locator("body").innerText());
    open[name] = await cards.filter({ has: page.locator("input, textarea, select") }).allInnerTexts();
  }
  return { text: text.join("\n"), open };
}).catch((e) => { console.error(e.message); process.exit(1); });
