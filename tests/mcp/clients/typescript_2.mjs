// The walk with @modelcontextprotocol/client, the TypeScript SDK 2.x, in each of its ways to agree on a revision.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { asked, chooseFirst, tell, walk } from './walk.mjs';

const question = await asked();
const [command, ...args] = question.command;
const headers = question.token ? { Authorization: `Bearer ${question.token}` } : {};
const transport = question.url
  ? new StreamableHTTPClientTransport(new URL(question.url), { requestInit: { headers } })
  : new StdioClientTransport({ command, args, env: question.env, cwd: question.cwd });
const modes = { legacy: undefined, auto: { mode: 'auto' } };
const versionNegotiation = question.mode in modes ? modes[question.mode] : { mode: { pin: question.mode } };
const capabilities = question.elicitation ? { elicitation: { form: {} } } : {};
const client = new Client({ name: 'ecs-why-tests', version: '1' }, { capabilities, versionNegotiation });
if (question.elicitation) client.setRequestHandler('elicitation/create', async (request) => chooseFirst(request));
await client.connect(transport);
const answer = await walk(question, client, (by, params, options) => by.callTool(params, options));
answer.protocol = client.getNegotiatedProtocolVersion?.() ?? null;
answer.server = client.getServerVersion();
answer.capabilities = client.getServerCapabilities();
answer.instructions = client.getInstructions?.() ?? null;
await client.close();
await tell(answer);
