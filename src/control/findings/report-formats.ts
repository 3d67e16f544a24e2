import { counted } from '../../format/counted.js'
import { type Case, junitText } from '../../format/junit.js'
import { code, markdownTable } from '../../format/markdown.js'
import { visibleJson } from '../../format/visible.js'
import type { Finding, Report } from '../bodies.js'
import { RULES } from './rules.js'

/** A report for people and for CI servers. */
export const FORMATS = {
  json: { type: 'application/json', text: (report: Report) => visibleJson(`${JSON.stringify(report, null, 2)}\n`) },
  junit: { type: 'application/xml', text: junitReport },
  markdown: { type: 'text/markdown; charset=utf-8', text: markdownReport },
}

export type Format = keyof typeof FORMATS

/** The format that the name of a file asks for. Undefined: none of them. */
export function formatOf(file: string): Format | undefined {
  if (/\.json$/i.test(file)) return 'json'
  if (/\.xml$/i.test(file)) return 'junit'
  return /\.(?:md|markdown)$/i.test(file) ? 'markdown' : undefined
}

function junitReport({ operations, findings }: Report): string {
  const exercised = operations.map(({ operation, statuses }): Case => {
    return Object.keys(statuses).length === 0 ? { name: operation, skipped: 'never called' } : { name: operation }
  })
  const kept = Object.entries(RULES).map(([rule, { says }]): Case => {
    const broken = findings.filter((finding) => finding.rule === rule)
    const name = `never sends ${says}`
    return broken.length === 0 ? { name } : { name, failure: [rule, ...broken.map(lineOf)] }
  })
  return junitText('authentik-mock: the client', [
    { name: 'operations', cases: exercised },
    { name: 'contract', cases: kept },
  ])
}

function lineOf({ severity, found, request, count, hint }: Finding): string {
  return `${severity}: ${found} in ${request}, ${counted(count, 'time')}: ${hint}`
}

function markdownReport({ requests, operations, findings, dropped }: Report): string {
  const called = operations.map(({ operation, statuses }) => [
    code(operation),
    Object.entries(statuses)
      .map(([status, count]) => `${status} (${count})`)
      .join(', ') || 'never',
  ])
  const rows = findings.map(({ severity, says, found, request, count, hint }) => [
    severity,
    `${says}: ${code(found)}`,
    code(request),
    count,
    hint,
  ])
  return [
    '# What the client did',
    '',
    `${counted(requests, 'request')}, ${counted(findings.length, 'finding')}${dropped === 0 ? '' : `, ${dropped} more that are not listed`}.`,
    '',
    markdownTable(['operation', 'answers'], called),
    '',
    ...(rows.length === 0 ? [] : [markdownTable(['', 'what', 'request', 'times', 'instead'], rows), '']),
  ].join('\n')
}
