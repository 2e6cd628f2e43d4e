// Shows cards as Microsoft's own renderer does, on a phone and at a desk, in light and in dark, and tells what is wrong with them: cards.cjs FOLDER
// Each FOLDER/NAME.json is a card. What the renderer does not know, it tells itself when it parses; how it looks is measured here.
const fs = require("fs");
const path = require("path");
const { run } = require("./open.cjs");

const modules = path.join(process.env.FRIST_TEST_NODE, "node_modules");
const renderer = fs.readFileSync(path.join(modules, "adaptivecards", "dist", "adaptivecards.min.js"), "utf8");
const axe = fs.readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
const screens = { phone: { width: 320, height: 700 }, desk: { width: 600, height: 900 } };
const font = "'Segoe UI', 'DejaVu Sans', sans-serif";
// Colours and sizes like those of Teams in each theme.
const themes = {
  light: { page: "#f5f5f5", card: "#ffffff", box: "#f0f0f0", text: "#242424", subtle: "#616161", accent: "#5b5fc7", good: "#107c41", line: "#d1d1d1", input: "#ffffff" },
  dark: { page: "#1f1f1f", card: "#292929", box: "#333333", text: "#ffffff", subtle: "#adadad", accent: "#9ea2ff", good: "#92c353", line: "#525252", input: "#1f1f1f" },
};

function hostConfig(c) {
  const colors = Object.fromEntries(["default", "accent", "good", "warning", "attention", "dark", "light"].map((name) => {
    const color = { accent: c.accent, good: c.good }[name] || c.text;
    return [name, { default: color, subtle: name === "default" ? c.subtle : color }];
  }));
  return {
    textBlock: { headingLevel: 2 }, supportsInteractivity: true, fontFamily: "'Segoe UI', 'DejaVu Sans', sans-serif",
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 }, fontWeights: { lighter: 300, default: 400, bolder: 600 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 }, separator: { lineThickness: 1, lineColor: c.line },
    containerStyles: { default: { backgroundColor: c.card, foregroundColors: colors }, emphasis: { backgroundColor: c.box, foregroundColors: colors } },
    actions: { maxActions: 6, spacing: "default", buttonSpacing: 8, actionsOrientation: "horizontal", actionAlignment: "left", showCard: { actionMode: "inline" } },
    inputs: { label: { inputSpacing: "small", requiredInputs: { weight: "bolder", suffix: " *", suffixColor: "default" }, optionalInputs: { weight: "bolder" } }, errorMessage: {} },
  };
}

// style is what the renderer leaves to the host. Debian's letters are wider by a fifth than those of Teams, which only the buttons feel.
const style = (c) => `body { margin: 0; padding: 8px; background: ${c.page}; color: ${c.text}; font: 14px/20px ${font}; }
  .ac-pushButton { min-height: 32px; padding: 5px 12px; border: 1px solid ${c.line}; border-radius: 4px; background: ${c.card}; color: ${c.text}; font: 600 12px/20px ${font}; }
  .ac-pushButton.style-positive { background: #5b5fc7; color: #ffffff; border-color: #5b5fc7; }
  .ac-input { background: ${c.input}; color: ${c.text}; font: 14px/20px ${font}; }
  input.ac-input:not([type=radio]):not([type=checkbox]), textarea.ac-input, select.ac-input { width: 100%; box-sizing: border-box; padding: 5px 8px; border: 1px solid ${c.line}; border-radius: 4px; }
  ::placeholder { color: ${c.subtle}; opacity: 1; } .ac-multichoiceInput { max-height: none; }`;

// show runs in the page: it parses and renders a card, and gives the actions that were pressed, each once.
function show({ card, config, css }) {
  const wrong = [];
  document.head.querySelectorAll("style").forEach((s) => s.remove());
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const a = new AdaptiveCards.AdaptiveCard();
  a.hostConfig = new AdaptiveCards.HostConfig(config);
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  a.parse(card, context);
  for (let i = 0; i < context.eventCount; i++) wrong.push(context.getEventAt(i).message);
  for (const e of a.validateProperties().validationEvents) wrong.push(e.message);
  document.body.replaceChildren(a.render());
  return wrong;
}

// measure runs in the page.
function measure() {
  const wrong = [];
  const doc = document.documentElement;
  if (doc.scrollWidth > doc.clientWidth) wrong.push(`scrolls sideways: ${doc.scrollWidth} in ${doc.clientWidth}`);
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    const shown = getComputedStyle(e);
    if (shown.display === "none" || !e.checkVisibility() || e.tagName === "OPTION") continue;
    const name = `${e.tagName.toLowerCase()} ${JSON.stringify(e.textContent.trim().slice(0, 30))}`;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const input = /INPUT|SELECT|TEXTAREA/.test(e.tagName);
    if (box.right > doc.clientWidth + 0.5 || box.left < -0.5) wrong.push(`${name} sticks out`);
    if (!input && shown.display !== "inline" && (e.scrollWidth > e.clientWidth + 1 || shown.overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1)) wrong.push(`${name} is cut`);
    if (own && (box.width < 1 || box.height < 1)) wrong.push(`${name} is not seen`);
    if (own && (shown.textOverflow === "ellipsis" && e.scrollWidth > e.clientWidth)) wrong.push(`${name} is shortened`);
  }
  return wrong;
}

run("about:blank", async (page) => {
  const folder = process.argv[2];
  const wrong = [];
  await page.setContent("<!doctype html><html lang=sv><title>card</title><body></body>");
  await page.evaluate(renderer);
  await page.evaluate(axe);
  for (const file of fs.readdirSync(folder).sort()) {
    const name = path.basename(file, ".json");
    const short = name.startsWith("en-"); // the same cards in other words
    const card = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
    for (const [theme, colors] of Object.entries(themes)) {
      for (const [screen, size] of Object.entries(screens)) {
        if (short && (screen !== "phone" || theme !== "light")) continue;
        const tell = (what) => wrong.push(`${name}, ${screen}, ${theme}: ${what}`);
        await page.setViewportSize(size);
        (await page.evaluate(show, { card, config: hostConfig(colors), css: style(colors) })).forEach(tell);
        (await page.evaluate(measure)).forEach(tell);
        for (const unfold of await page.evaluate(() => document.querySelectorAll("[id=help]").length) ? [false, true] : [false]) {
          if (unfold) {
            if (await page.locator("#help").isVisible()) tell("the help is not folded away");
            await page.getByRole("button", { name: /^(Hjälp|Help)$/ }).click();
            if (!await page.locator("#help").isVisible()) tell("the help does not unfold");
            (await page.evaluate(measure)).forEach(tell);
          }
          if (process.env.FRIST_SCREENSHOTS && unfold === (await page.locator("#help").count() > 0)) {
            await page.screenshot({ path: path.join(process.env.FRIST_SCREENSHOTS, `card-${name}-${screen}-${theme}.png`), fullPage: true });
          }
        }
        if (screen === "phone") {
          const found = await page.evaluate((theme) => axe.run(document, { 
            runOnly: theme === "light" ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] : ["color-contrast"], resultTypes: ["violations"],
            rules: theme === "light" ? { "aria-allowed-attr": { enabled: false } } : {}, // the renderer puts aria-expanded on what it unfolds
          }), theme);
          for (const v of found.violations) for (const n of v.nodes) tell(`${v.id}: ${n.html.slice(0, 140)} ${n.failureSummary.replace(/\s+/g, " ").slice(0, 200)}`);
        }
      }
    }
  }
  return { wrong, text: "" };
}).catch((e) => { console.error(e.message); process.exit(1); });
