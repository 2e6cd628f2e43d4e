// Reports an incident in the Agents Playground, as Anna: teams.cjs URL
const { run } = require("./open.cjs");

run(process.argv[2], async (page, context, shot) => {
  await page.getByRole("button", { name: "Send Message" }).waitFor();
  const see = (text) => page.getByText(text).last().waitFor();
  const say = async (text) => {
    await page.getByRole("textbox").last().click();
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  };
  await say("I sent a list of names to the wrong address this morning.");
  await see(/PUI-\d{4}-\d{4}/);
  await see(/protected/i);
  await shot("teams-question");
  await page.getByRole("radio", { name: "No", exact: true }).last().click();
  await page.getByRole("button", { name: "Answer", exact: true }).last().click();
  await see(/Which number/i);
  await shot("teams-answered");
  await page.getByLabel("Your answer").last().fill("070-000 00 41");
  await page.getByRole("button", { name: "Answer", exact: true }).last().click();
  await see("070-000 00 41");
  await see("Question 4 of");
  await shot("teams-next");
  return { text: await page.locator("body").innerText() };
}).catch((e) => { console.error(e.message); process.exit(1); });
