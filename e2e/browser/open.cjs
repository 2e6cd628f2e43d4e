// Opens a page in Debian's Chromium and keeps what must not happen there: errors, and requests to anywhere but this machine.
const path = require("path");
const { chromium } = require(path.join(process.env.FRIST_TEST_NODE, "node_modules", "playwright-core"));

exports.run = async (url, test) => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1300, height: 1000 }, locale: "en-US" });
    context.setDefaultTimeout(30000);
    const seen = { outside: [], errors: [] };
    context.on("request", (r) => { if (!/^(https?|wss?):\/\/127\.0\.0\.1[:/]|^(file|data|blob|about):/.test(r.url())) seen.outside.push(r.url()); });
    context.on("weberror", (e) => seen.errors.push(e.error().message));
    context.on("console", (m) => { if (m.type() === "error") seen.errors.push(m.text()); });
    const page = await context.newPage();
    const shot = (name) => process.env.FRIST_SCREENSHOTS ? page.screenshot({ path: path.join(process.env.FRIST_SCREENSHOTS, name + ".png"), fullPage: true }) : undefined;
    await page.goto(url);
    try {
      console.log(JSON.stringify({ ...(await test(page, context, shot)), ...seen }));
    } catch (e) {
      await shot("failed");
      throw new Error(`${e.message}\nThe page then said:\n${(await page.locator("body").innerText()).slice(-4000)}`);
    }
  } finally {
    await browser.close();
  }
};
