// Makes the steps that come on standard input with a client of either TypeScript SDK, and writes what was answered to standard output.
// What is right is judged elsewhere (tests/mcp/judge.py): this only speaks, and checks every schema with Ajv in its strict mode.

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const value = (answer, pointer) =>
  pointer.split('/').slice(1).reduce((found, key) => found?.[key], answer);

const filled = (part, kept) => {
  if (typeof part === 'string') {
    return part.replace(/\$\{(\w+)\}/g, (_, name) => {
      if (kept[name] === undefined) throw new Error(`nothing was kept as ${name}`);
      return kept[name];
    });
  }
  if (Array.isArray(part)) return part.map((one) => filled(one, kept));
  if (part && typeof part === 'object') {
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, filled(one, kept)]));
  }
  return part;
};

// Strict: an unknown keyword or format, and a type that is a list of types, is an error.
const schemaFaults = (tools) => {
  const faults = [];
  for (const tool of tools) {
    for (const kind of ['inputSchema', 'outputSchema']) {
      if (!tool[kind]) {
        faults.push(`${tool.name} has no ${kind}`);
        continue;
      }
      const logger = Object.fromEntries(['log', 'warn', 'error'].map((level) => [level, (words) => faults.push(`${tool.name}.${kind}: ${words}`)]));
      try {
        const ajv = new Ajv2020({ strict: 'log', strictRequired: false, allErrors: true, logger });
        addFormats(ajv);
        ajv.compile(tool[kind]);
      } catch (problem) {
        faults.push(`${tool.name}.${kind}: ${problem.message}`);
      }
    }
  }
  return faults;
};

const everything = async (list, key) => {
  const found = [];
  let cursor;
  do {
    const page = await list(cursor ? { cursor } : undefined);
    found.push(...page[key]);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
};

// `call(client, params, options)` is where the two SDKs differ.
export const walk = async (asked, client, call) => {
  const lists = {
    tools: await everything((page) => client.listTools(page), 'tools'),
    resources: await everything((page) => client.listResources(page), 'resources'),
    templates: await everything((page) => client.listResourceTemplates(page), 'resourceTemplates'),
    prompts: await everything((page) => client.listPrompts(page), 'prompts'),
  };
  const kept = {};
  const answers = [];
  for (const step of asked.steps) {
    const progress = [];
    let told;
    try {
      const { name, uri, ref, argument, arguments: given } = filled(step, kept);
      const steps = {
        tool: () => call(client, { name, arguments: given ?? {} }, { onprogress: (one) => progress.push(one.progress) }),
        resource: () => client.readResource({ uri }),
        prompt: () => client.getPrompt({ name, arguments: given ?? {} }),
        complete: () => client.complete({ ref, argument }),
        log_level: () => client.setLoggingLevel(step.level),
        ping: () => client.ping(),
      };
      const result = await steps[step.do]();
      for (const [as, pointer] of Object.entries(step.keep ?? {})) kept[as] = value(result, pointer);
      told = { result };
    } catch (problem) {
      told = { error: { code: problem.code ?? null, message: String(problem.message) } };
    }
    answers.push({ ...told, progress });
  }
  return { lists, schemaFaults: schemaFaults(lists.tools), answers };
};

// An agent that offers elicitation chooses what is offered first.
export const chooseFirst = (request) => {
  const properties = request.params.requestedSchema?.properties ?? {};
  const choose = (one) => one.enum?.[0] ?? one.oneOf?.[0]?.const ?? one.anyOf?.[0]?.const ?? (one.type === 'boolean' ? true : 'prod');
  return { action: 'accept', content: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, choose(one)])) };
};

export const asked = async () => {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
};

export const tell = async (answer) => {
  await new Promise((done) => process.stdout.write(JSON.stringify(answer), done));
};
