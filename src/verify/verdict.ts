import { junitText, type Suite } from '../format/junit.js'
import { markdownTable } from '../format/markdown.js'
import { visible, visibleJson } from '../format/visible.js'
import type { Compared } from './verify.js'

/** What came of holding the mock against a target. */
export interface Verdict {
  target: string
  release: string
  /** By what the release was found out. */
  how: string
  /** Whether the mock's side of it rests on a recording, or on the contract. */
  evidence: 'recorded' | 'derived'
  rows: number
  caller: string
  verdict: 'agree' | 'differ'
  compared: Compared[]
  /** What was not sent or not compared, and why. */
  notes: string[]
}

export const FORMATS = { text: plainText, json: jsonText, junit, markdown: markdownText }

function plainText(verdict: Verdict): string {
  const groups = [...groupsOf(verdict.compared)].map(([name, all]) => {
    const differing = all.filter(differs)
    return [
      `${name.padEnd(14)} ${String(all.length - differing.length).padStart(3)} of ${String(all.length).padStart(3)} agree`,
      ...differing.flatMap((one) => [
        `  ${one.name}: ${one.request} as ${one.as}`,
        ...one.differences.map((line) => `    ${line}`),
      ]),
    ]
  })
  const lines = [...headOf(verdict), '', ...groups.flat(), '', ...verdict.notes, lastLine(verdict), '']
  return lines.map(visible).join('\n')
}

function jsonText({ compared, ...rest }: Verdict): string {
  const differing = compared.filter(differs)
  const counts = { requests: compared.length, agreeing: compared.length - differing.length }
  return visibleJson(`${JSON.stringify({ ...rest, ...counts, differing }, null, 2)}\n`)
}

function junit(verdict: Verdict): string {
  const suites = [...groupsOf(verdict.compared)].map(
    ([name, all]): Suite => ({
      name,
      cases: all.map((one) => ({
        name: `${one.name}: ${one.request} as ${one.as}`,
        ...(differs(one) && { failure: one.differences }),
      })),
    }),
  )
  return junitText(`authentik ${verdict.release} at ${verdict.target}`, suites)
}

function markdownText(verdict: Verdict): string {
  const rows = [...groupsOf(verdict.compared)].map(([name, all]) => [name, all.length, all.filter(differs).length])
  const differing = verdict.compared
    .filter(differs)
    .flatMap((one) => [
      '',
      `### ${one.name}`,
      '',
      `\`${one.request}\` as ${one.as}`,
      '',
      ...one.differences.map((line) => `- \`${visible(line).replaceAll('`', "'")}\``),
    ])
  const head = headOf(verdict).map((line) => `- ${visible(line)}`)
  return [
    `## ${lastLine(verdict)}`,
    '',
    ...head,
    ...verdict.notes.map((note) => `- ${visible(note)}`),
    '',
    markdownTable(['class', 'requests', 'differ'], rows),
    ...differing,
    '',
  ].join('\n')
}

function headOf({ target, release, how, evidence, rows, caller }: Verdict): string[] {
  const rests = evidence === 'recorded' ? 'a recording of it' : 'its contract alone'
  return [
    `target  ${target}: authentik ${release}, ${how}`,
    `mock    the same ${rows} refresh tokens, as ${release}, which rests on ${rests}`,
    `caller  ${caller}`,
  ]
}

function lastLine({ verdict, compared }: Verdict): string {
  const differing = compared.filter(differs).length
  if (verdict === 'agree') return `agree: ${compared.length} of ${compared.length} requests`
  return `differ: ${differing} of ${compared.length} requests`
}

function differs({ differences }: Compared): boolean {
  return differences.length > 0
}

function groupsOf(compared: Compared[]): Map<string, Compared[]> {
  const groups = new Map<string, Compared[]>()
  for (const one of compared) {
    const name = one.name.split('/')[0] ?? ''
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return groups
}
