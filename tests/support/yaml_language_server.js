// Validates and completes with the real yaml-language-server, the schemas at their own addresses only.
//   node yaml_language_server.js JOBS   (with NODE_PATH; JOBS: JSON list of {schema, name, text, complete})
// Prints for each what it finds, and which other addresses it asked for.
const { getLanguageService } = require("yaml-language-server");
const { TextDocument } = require("vscode-languageserver-textdocument");
const fs = require("fs");
const { pathToFileURL, fileURLToPath } = require("url");

async function done(job) {
  const own = pathToFileURL(job.schema).toString();
  const others = [];
  const service = getLanguageService({
    schemaRequestService: async (address) => {
      if (address !== own) others.push(address);
      return fs.readFileSync(fileURLToPath(address), "utf8");
    },
    workspaceContext: { resolveRelativePath: (path, base) => new URL(path, base).toString() },
    telemetry: { send() {}, sendError() {}, sendTrack() {} },
  });
  service.configure({ validate: true, hover: true, completion: true, schemas: [{ uri: own, fileMatch: ["*.yaml"] }] });
  const file = TextDocument.create(`file:///elsewhere/${job.name}`, "yaml", 1, job.text);
  const found = (await service.doValidation(file, false)).map((each) => [each.range.start.line + 1, each.message]);
  const end = file.positionAt(job.text.length);
  const offered = job.complete ? (await service.doComplete(file, end, false)).items.map((each) => each.label) : [];
  return { found, offered, others };
}

(async () => {
  const jobs = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const results = [];
  for (const job of jobs) results.push(await done(job));
  console.log(JSON.stringify(results));
})();
