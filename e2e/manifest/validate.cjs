// Holds unpacked app packages to Microsoft's own schemas, which npm brings: validate.cjs VERSION FOLDER…
// Prints for each folder a JSON list of {file, at, message}. VERSION is that of the schemas; "own" is what the first manifest names.
const fs = require("node:fs"), path = require("node:path"), { createRequire } = require("node:module");
const modules = createRequire(path.join(process.env.FRIST_TEST_NODE, "package.json"));
const Ajv = modules("ajv-draft-04"), formats = modules("ajv-formats");

const [wanted, ...folders] = process.argv.slice(2);
const json = (...at) => JSON.parse(fs.readFileSync(path.join(...at), "utf8"));
const version = wanted === "own" ? json(folders[0], "manifest.json").manifestVersion : wanted;
const schemas = path.join(process.env.FRIST_TEST_NODE, "node_modules/@microsoft/app-manifest/build/json-schemas/teams", "v" + version);

// Not strict: the schemas have words of their own, which tell a person something and mean nothing. Their patterns are not written for
// Unicode's stricter syntax.
const compile = (schema) => formats.default(new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false })).compile(json(schemas, schema));
const isManifest = compile("MicrosoftTeams.schema.json"), isTranslation = compile("MicrosoftTeams.Localization.schema.json");
const faults = (file, content, is) => (is(content) ? [] : is.errors.map((e) => ({ file, at: e.instancePath, message: `${e.message} ${JSON.stringify(e.params)}` })));

console.log(JSON.stringify(folders.map((folder) => {
  const manifest = json(folder, "manifest.json");
  if (wanted !== "own") manifest.manifestVersion = version;
  const languages = manifest.localizationInfo?.additionalLanguages ?? [];
  return [...faults("manifest.json", manifest, isManifest), ...languages.flatMap((l) => faults(l.file, json(folder, l.file), isTranslation))];
})));
