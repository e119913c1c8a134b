// The walk with @modelcontextprotocol/sdk, the TypeScript SDK 1.x that most clients are built with.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { asked, chooseFirst, tell, walk } from './walk.mjs';

const question = await asked();
const [command, ...args] = question.command;
const headers = question.token ? { Authorization: `Bearer ${question.token}` } : {};
const transport = question.url
  ? new StreamableHTTPClientTransport(new URL(question.url), { requestInit: { headers } })
  : new StdioClientTransport({ command, args, env: question.env, cwd: question.cwd });
const capabilities = question.elicitation ? { elicitation: {} } : {};
const client = new Client({ name: 'ecs-why-tests', version: '1' }, { capabilities });
if (question.elicitation) client.setRequestHandler(ElicitRequestSchema, async (request) => chooseFirst(request));
await client.connect(transport);
const answer = await walk(question, client, (by, params, options) => by.callTool(params, undefined, options));
answer.protocol = transport.protocolVersion ?? null;
answer.server = client.getServerVersion();
answer.capabilities = client.getServerCapabilities();
answer.instructions = client.getInstructions() ?? null;
if (question.url) await transport.terminateSession();
await client.close();
await tell(answer);
