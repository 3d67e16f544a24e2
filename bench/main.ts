import { parseArgs } from 'node:util'
import { endLoad } from './load.js'
import { writeReport } from './report.js'
import { readResults, writeResults } from './results.js'
import { SECTIONS, type Surroundings } from './sections.js'
import { prepare } from './setup.js'

/** `npm run bench`: measures, keeps the raw numbers, and writes the report. */

const OPTIONS = {
  before: { type: 'string' },
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
  const surroundings = {
    pace: { rounds: count('rounds'), seconds: count('seconds') },
    quick,
    print,
    before: values.before,
  }
  return { sections: only, render, surroundings }
}

/** Resolves to whether everything could be measured; what failed is said, and the rest goes on. */
async function run({ sections, surroundings }: Plan): Promise<boolean> {
  await using setup = await prepare()
  let complete = true
  for (const name of sections) {
    print(name)
    try {
      const results = await SECTIONS[name]?.(readResults(), { ...surroundings, setup })
      if (results !== undefined) writeResults(results)
    } catch (error) {
      complete = false
      report(error)
    }
  }
  endLoad()
  return complete
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function report(error: unknown): void {
  process.stderr.write(`${(error as Error).message}\n`)
}

let plan: ReturnType<typeof readPlan> | undefined
try {
  plan = readPlan()
} catch (error) {
  report(error)
  process.exitCode = 2
}
if (plan !== undefined) {
  if (!plan.render && !(await run(plan))) process.exitCode = 1
  await writeReport()
  print('bench/RESULTS.md, bench/results.svg')
}
