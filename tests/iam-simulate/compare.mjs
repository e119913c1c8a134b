// Puts requests to @cloud-copilot/iam-simulate and compares its decisions with ours.
//
//     node compare.mjs requests.jsonl [--show 5]
//
// A difference is explained by a rule of exceptions.mjs, or it is a fault, and the exit status is 1. A rule that explains
// nothing any more is a fault as well. Only the decision counts (allowed, denied by a statement, denied for want of one), not
// the words.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { exceptions } from './exceptions.mjs'

const [file, ...options] = process.argv.slice(2)
const show = options[0] === '--show' ? Number(options[1]) : 5

function given(simulation) {
  return Object.fromEntries(Object.entries(simulation).filter(([, value]) => value !== null))
}

const explained = new Map(exceptions.map((rule) => [rule.id, 0]))
const counts = {}
const differences = []
let total = 0
for await (const line of createInterface({ input: createReadStream(file) })) {
  const { ours, detail, simulation } = JSON.parse(line)
  total += 1
  const result = await runSimulation(given(simulation), {})
  const theirs = result.resultType === 'error' ? 'Error' : result.overallResult
  counts[theirs] = (counts[theirs] ?? 0) + 1
  if (ours === theirs) continue
  const difference = { ours, detail, theirs, simulation, result }
  const rule = exceptions.find((one) => one.explains(difference))
  if (rule) explained.set(rule.id, explained.get(rule.id) + 1)
  else differences.push(difference)
}

console.log(`${total} requests: ${Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ')}`)
for (const rule of exceptions) console.log(`explained ${explained.get(rule.id)} times: ${rule.id}`)
for (const { ours, detail, theirs, simulation, result } of differences.slice(0, show)) {
  console.log(`\nours ${ours} (${detail}), theirs ${theirs}`)
  if (result.resultType === 'error') console.log(JSON.stringify(result.errors))
  console.log(JSON.stringify(given(simulation), null, 1))
}
const idle = exceptions.filter((rule) => explained.get(rule.id) === 0)
for (const rule of idle) console.log(`\nthe rule ${rule.id} explains nothing: take it out`)
console.log(`\n${differences.length} differences without an explanation`)
process.exitCode = differences.length > 0 || idle.length > 0 ? 1 : 0
