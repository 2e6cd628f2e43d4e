// Shows mails on a phone and at a desk, in light and in dark, and tells what is wrong with how they look: mails.cjs FOLDER
// Each FOLDER/NAME.html is a mail. axe-core looks at accessibility; the rest is measured here.
const fs = require("fs");
const path = require("path");
const { run } = require("./open.cjs");

const axe = fs.readFileSync(path.join(process.env.FRIST_TEST_NODE, "node_modules", "axe-core", "axe.min.js"), "utf8");
const screens = { phone: { width: 360, height: 740 }, desk: { width: 1200, height: 900 } };
// A mail is an article within its reader's page, which has the landmarks and the first heading.
const options = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
  rules: { region: { enabled: false }, "landmark-one-main": { enabled: false }, "page-has-heading-one": { enabled: false } },
};

// measure runs in the page.
function measure(phone) {
  const wrong = [];
  const doc = document.documentElement;
  if (doc.scrollWidth > doc.clientWidth) wrong.push(`scrolls sideways: ${doc.scrollWidth} in ${doc.clientWidth}`);
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    const name = `${e.tagName.toLowerCase()} ${JSON.stringify(e.textContent.trim().slice(0, 30))}`;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e);
    if (box.left < 0 || box.right > doc.clientWidth + 0.5 || e.scrollWidth > e.clientWidth + 1 && style.display !== "inline") wrong.push(`${name} is cut or sticks out`);
    if (own && box.width * box.height === 0) wrong.push(`${name} is not seen`);
    if (own && parseFloat(style.fontSize) < 14) wrong.push(`${name} is ${style.fontSize}`);
    if (e.tagName === "A" && phone && (box.height < 44 || box.width < 44)) wrong.push(`${name} is ${Math.round(box.width)} by ${Math.round(box.height)}: too small for a finger`);
  }
  const column = document.querySelector("table").getBoundingClientRect();
  if (column.width > 640) wrong.push(`lines are ${column.width} wide`);
  return wrong;
}

run("about:blank", async (page) => {
  const folder = process.argv[2];
  const wrong = [];
  for (const file of fs.readdirSync(folder).sort()) {
    const name = path.basename(file, ".html");
    await page.goto("file://" + path.join(folder, file));
    await page.evaluate(axe);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const [screen, size] of Object.entries(screens)) {
        await page.setViewportSize(size);
        const tell = (what) => wrong.push(`${name}, ${screen}, ${colorScheme}: ${what}`);
        (await page.evaluate(measure, screen === "phone")).forEach(tell);
        if (screen === "desk") { // the same elements and colours as on the phone
          // In the dark only the colours are others.
          const found = await page.evaluate((options) => axe.run(document, options), colorScheme === "light" ? options : { runOnly: ["color-contrast"] });
          for (const v of found.violations) for (const n of v.nodes) tell(`${v.id}: ${n.html.slice(0, 120)} ${n.failureSummary.replace(/\s+/g, " ").slice(0, 200)}`);
        }
        if (process.env.FRIST_SCREENSHOTS) {
          await page.screenshot({ path: path.join(process.env.FRIST_SCREENSHOTS, `mail-${name}-${screen}-${colorScheme}.png`), fullPage: true });
        }
      }
    }
  }
  return { wrong, text: "" };
}).catch((e) => { console.error(e.message); process.exit(1); });
