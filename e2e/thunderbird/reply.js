// Runs inside Thunderbird, in its chrome context: opens one mail of an account and answers it at the keyboard, as its owner would.
const [job, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");

// until looks again and again until there is something to see.
async function until(what, look) {
  let last;
  for (const end = Date.now() + job.patience; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = undefined;
    } catch (e) {
      last = e;
    }
  }
  throw new Error(`waited for ${what}${last ? ": " + last : ""}`);
}

// account makes the person's account at the first time: IMAP with TLS, submission with STARTTLS, passwords as if they had been saved.
async function account() {
  const found = MailServices.accounts.findServer(job.address, "localhost", "imap", job.imap);
  if (found) return found;
  for (const scheme of ["imap", "smtp"]) {
    const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    const origin = scheme + "://localhost";
    login.init(origin, null, origin, job.address, job.password, "", "");
    await Services.logins.addLoginAsync(login);
  }
  const server = MailServices.accounts.createIncomingServer(job.address, "localhost", "imap");
  server.port = job.imap;
  server.socketType = Ci.nsMsgSocketType.SSL;
  server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  server.password = job.password;
  const out = MailServices.outgoingServer.createServer("smtp").QueryInterface(Ci.nsISmtpServer);
  out.hostname = "localhost";
  out.port = job.submission;
  out.username = job.address;
  out.socketType = Ci.nsMsgSocketType.alwaysSTARTTLS;
  out.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  const identity = MailServices.accounts.createIdentity();
  identity.email = job.address;
  identity.fullName = job.name;
  identity.smtpServerKey = out.key;
  identity.doFcc = false; // the account has no folder for it
  identity.replyOnTop = 1;
  const made = MailServices.accounts.createAccount();
  made.addIdentity(identity);
  made.incomingServer = server;
  return server;
}

// type presses the keys of a text; Enter between its lines.
function type(win, text) {
  const keys = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
  if (!keys.beginInputTransactionForTests(win)) throw new Error("no keyboard");
  for (const c of text) {
    const key = c === "\n" ? { key: "Enter", code: "Enter", keyCode: 13 } : { key: c };
    const event = new win.KeyboardEvent("", key);
    keys.keydown(event);
    keys.keyup(event);
  }
}

async function reply() {
  const server = await account();
  const identity = MailServices.accounts.getFirstIdentityForServer(server);
  identity.composeHtml = job.html;
  const inbox = await until("the inbox", () => {
    server.performBiff(null);
    return server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  });
  const header = await until("the mail", () => {
    inbox.updateFolder(null);
    return inbox.msgDatabase.getMsgHdrForMessageID(job.message);
  });
  const windows = () => [...Services.wm.getEnumerator("msgcompose")];
  const before = new Set(windows());
  MailServices.compose.OpenComposeWindow(null, header, inbox.getUriForMsg(header), Ci.nsIMsgCompType.ReplyToSender,
    job.html ? Ci.nsIMsgCompFormat.HTML : Ci.nsIMsgCompFormat.PlainText, identity, null, null);
  const win = await until("the window", () => windows().find((w) => !before.has(w)));
  const editor = await until("the mail in it, quoted", () => win.composeEditorReady && win.gMsgCompose && win.GetCurrentEditor());
  win.GetCurrentEditorElement().contentWindow.focus();
  editor.beginningOfDocument();
  type(win.GetCurrentEditorElement().contentWindow, job.text);
  const shown = win.GetCurrentEditorElement().contentDocument.body.innerHTML;
  // While the window is still being filled in, the command is off, and giving it does nothing.
  await until("the button to send", () => win.document.commandDispatcher.getControllerForCommand("cmd_sendNow")?.isCommandEnabled("cmd_sendNow"));
  win.goDoCommand("cmd_sendNow");
  await until("it to be sent", () => {
    if (win.closed || !windows().includes(win)) return true;
    throw new Error("open are " + [...Services.wm.getEnumerator(null)].map((w) => w.document.title + " " + w.location.href).join(", "));
  });
  return shown;
}

Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(job.authority, "CT,,");
reply().then((shown) => done({ shown }), (e) => done({ failed: `${e}\n${e.stack}` }));
