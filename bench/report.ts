import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOALS, isMet } from './goals.js'
import { draw } from './picture.js'
import { type Results, readResults } from './results.js'
import { TABLES } from './tables.js'
import { markdownTable } from './text.js'

const INTRODUCTION = `# Measurements

Written by \`npm run bench\` and \`npm run soak\`; the raw numbers are in \`results.json\`. Everything runs on one machine over
loopback: each server, and what makes the load, in a process of its own, on a core of its own where the system can do
that. Peers take turns (A B C, A B C, …), and the median counts. **Only ratios within one table mean anything,**
and where the load average below it is higher than the number of cores, others used the machine meanwhile: then even ratios
are good to two tenths at best.

authentik-mock runs as it is built, with authentication, permissions, worlds, control and journal on, over 1,000 made-up
rows; its log is silent, as those of its peers are.
`

/** Writes RESULTS.md and results.svg from what was measured so far. */
export async function writeReport(): Promise<void> {
  const results = readResults()
  const picture = await draw(results)
  const file = (name: string) => join(import.meta.dirname, name)
  if (picture !== undefined) await writeFile(file('results.svg'), picture)
  const parts = [
    INTRODUCTION,
    ...(picture === undefined ? [] : ['![Requests per second of authentik-mock and its peers](results.svg)\n']),
    machine(results),
    `## Goals\n\n${goals(results)}`,
    ...TABLES.flatMap(({ title, note, table }) => {
      const text = table(results)
      return text === undefined ? [] : [`## ${title}\n\n${note}\n\n${text}`]
    }),
  ]
  await writeFile(file('RESULTS.md'), parts.join('\n'))
}

function machine({ machine: of, versions }: Results): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Machine: ${of}.\n\nVersions: ${list.join(', ')}.\n`
}

function goals(results: Results): string {
  const rows = GOALS.map((goal) => {
    const value = goal.measured(results)
    const limit = goal.least === undefined ? `at most ${goal.most}` : `at least ${goal.least}`
    const processor = goal.processor?.(results)
    return [
      goal.text,
      `${limit} ${goal.unit}`,
      value === undefined ? '–' : `${shown(value)} ${goal.unit}`,
      processor === undefined ? '' : `${shown(processor)} ×`,
      value === undefined ? 'not measured' : isMet(goal, value) ? 'met' : '**not met**',
    ]
  })
  return markdownTable(['goal', 'limit', 'measured', 'by processor time', ''], rows)
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)))
}
