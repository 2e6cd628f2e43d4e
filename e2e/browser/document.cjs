// Presses every copy button of a notification and tells what was copied, beside what stands at it: document.cjs URL
const { run } = require("./open.cjs");

run(process.argv[2], async (page, context, shot) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await shot("notification");
  const copied = [];
  for (const button of await page.locator("button[data-for]").all()) {
    const id = await button.getAttribute("data-for");
    await page.evaluate(() => navigator.clipboard.writeText("not copied"));
    await button.click();
    await page.waitForFunction(() => document.getElementById("live").textContent !== "");
    copied.push({ id, shown: await page.evaluate((id) => document.getElementById(id).textContent, id), copied: await page.evaluate(() => navigator.clipboard.readText()) });
    await page.evaluate(() => { document.getElementById("live").textContent = ""; });
  }
  return { copied, text: await page.locator("body").innerText() };
}).catch((e) => { console.error(e.message); process.exit(1); });
