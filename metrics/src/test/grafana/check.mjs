// node check.mjs DASHBOARD.json
//
// Grafana publishes its schema as the types of the package @grafana/schema. They are made into JSON schemas here, which admit
// no property that the types do not have: one for the dashboard, and for each kind of panel its options and its field config.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';

const require = createRequire(import.meta.url);
const types = path.join(path.dirname(require.resolve('@grafana/schema/package.json')), 'dist/types/raw');
const ajv = new Ajv({ strict: false, allErrors: true });
const problems = [];

const validators = new Map();

function validator(file, type) {
  const key = `${file}#${type}`;
  if (!validators.has(key)) {
    const generator = createGenerator({ path: path.join(types, file), type, skipTypeCheck: true });
    validators.set(key, ajv.compile(generator.createSchema(type)));
  }
  return validators.get(key);
}

function validate(file, type, value, what) {
  const valid = validator(file, type);
  if (!valid(value)) {
    problems.push(...valid.errors.map((error) => `${what}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
  }
}

const dashboard = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
validate('dashboard/x/types.gen.d.ts', 'Dashboard', dashboard, 'dashboard');
let panels = 0;
for (const panel of dashboard.panels.filter((each) => each.type !== 'row')) {
  const file = `composable/${panel.type}/panelcfg/x/types.gen.d.ts`;
  if (!fs.existsSync(path.join(types, file))) {
    problems.push(`panel '${panel.title}' has the type '${panel.type}', which Grafana does not have`);
    continue;
  }
  validate(file, 'Options', panel.options, `options of panel '${panel.title}' `);
  if (panel.fieldConfig.defaults.custom) {
    validate(file, 'FieldConfig', panel.fieldConfig.defaults.custom, `field config of panel '${panel.title}' `);
  }
  panels++;
}
problems.forEach((problem) => console.log(problem));
console.log(`${panels} panels checked, ${problems.length} problems`);
process.exit(problems.length === 0 && panels > 0 ? 0 : 1);
