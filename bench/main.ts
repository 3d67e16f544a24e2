import { parseArgs } from 'node:util'
import { writeReport } from './report.js'
import { readResults, writeResults } from './results.js'
import { SECTIONS, type Surroundings } from './sections.js'
import { prepare } from './setup.js'

/** `npm run bench`: measures, keeps the raw numbers, and writes the report. */

const OPTIONS = {
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean' },
  render: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
} as const

const QUICK = { rounds: 1, seconds: 1 }
const THOROUGH = { rounds: 5, seconds: 3 }

interface Plan {
  sections: string[]
  surroundings: Omit<Surroundings, 'setup'>
}

/** @throws Error for a word that is not allowed */
function readPlan(): Plan & { render: boolean } {
  const { values } = parseArgs({ options: OPTIONS })
  const { only = Object.keys(SECTIONS), quick = false, render = false } = values
  const unknown = only.find((name) => SECTIONS[name] === undefined)
  if (unknown !== undefined) throw new Error(`--only: found ${unknown}; allowed: ${Object.keys(SECTIONS).join(', ')}`)
  const pace = quick ? QUICK : THOROUGH
  const count = (name: 'rounds' | 'seconds') => {
    const found = values[name] ?? String(pace[name])
    if (!/^[1-9]\d*$/.test(found)) throw new Error(`--${name}: found ${found}; allowed: an integer from 1`)
    return Number(found)
  }
  const surroundings = { pace: { rounds: count('rounds'), seconds: count('seconds') }, quick, print }
  return { sections: only, render, surroundings }
}

async function run({ sections, surroundings }: Plan): Promise<void> {
  await using setup = await prepare()
  for (const name of sections) {
    print(name)
    const results = await SECTIONS[name]?.(readResults(), { ...surroundings, setup })
    if (results !== undefined) writeResults(results)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  const plan = readPlan()
  if (!plan.render) await run(plan)
  await writeReport()
  print('bench/RESULTS.md, bench/results.svg')
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
