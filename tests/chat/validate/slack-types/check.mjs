// Holds what was sent to Slack to Slack's own types: unknown keys, wrong kinds of text, unknown blocks.
//
//   node check.mjs sent.jsonl ...      (or the lines on the standard input; once before: npm ci)
//
// Each message becomes a constant of type KnownBlock[], and TypeScript says what does not fit. Ends with 1 then, and where there was no line at all.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const made = join(here, 'made');
const paths = process.argv.length > 2 ? process.argv.slice(2) : [0];
const MESSAGES = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'response_url']);

let every = 0;
let sent = 0;
const known = new Map();
for (const path of paths) {
  readFileSync(path, 'utf8').split('\n').forEach((line, at) => {
    if (!line.trim()) return;
    every += 1;
    const { platform, method, body } = JSON.parse(line);
    if (platform !== 'slack' || !MESSAGES.has(method) || !body.blocks) return;
    sent += 1;
    const blocks = typeof body.blocks === 'string' ? body.blocks : JSON.stringify(body.blocks);
    if (!known.has(blocks)) known.set(blocks, `${path || 'stdin'}:${at + 1}`);
  });
}

// What is written between the marks is JSON, and JSON is TypeScript.
const rows = [...known].map(([blocks, where], at) => `export const m${at}: KnownBlock[] = ${blocks}; // ${where.replaceAll('\n', ' ')}`);
const files = [];
rmSync(made, { recursive: true, force: true });
mkdirSync(made);
for (let at = 0; at < rows.length; at += 500) {
  const file = join(made, `sent${at}.ts`);
  writeFileSync(file, `import type { KnownBlock } from '@slack/types';\n${rows.slice(at, at + 500).join('\n')}\n`);
  files.push(file);
}

let wrong = false;
if (files.length > 0) {
  const tsc = join(here, 'node_modules', '.bin', 'tsc');
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'es2022', '--pretty', 'false'];
  const done = spawnSync(tsc, [...flags, ...files], { encoding: 'utf8', cwd: here, maxBuffer: 1 << 26 });
  if (done.error) throw done.error;
  wrong = done.status !== 0;
  // Of a fault the place in the file that was given, too.
  for (const line of (done.stdout + done.stderr).split('\n').filter(Boolean)) {
    const [, file, row] = /^(.*?\.ts)\((\d+),/.exec(line) ?? [];
    const start = file ? Number(/sent(\d+)/.exec(file)[1]) + Number(row) - 2 : -1;
    const where = [...known.values()][start];
    console.log(where ? `${where}: ${line.slice(0, 600)}` : line.slice(0, 600));
  }
}
console.log(`slack types: ${sent} messages, ${known.size} of them different, ${wrong ? 'with faults' : 'without faults'}`);
process.exit(wrong || every === 0 ? 1 : 0);
