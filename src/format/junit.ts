import { visibleLines } from './visible.js'

/** JUnit's XML, as continuous integration reads it. */

export interface Suite {
  name: string
  cases: Case[]
}

export interface Case {
  name: string
  /** What went wrong, a line each; without it the case passed. */
  failure?: string[]
  /** Why it was not looked at. */
  skipped?: string
}

/** The suites as one document. */
export function junitText(name: string, suites: Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(name)}" ${numbersOf(all)}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines({ name, cases }: Suite): string[] {
  return [
    `  <testsuite name="${escaped(name)}" ${numbersOf(cases)}>`,
    ...cases.flatMap((one) => caseLines(name, one)),
    '  </testsuite>',
  ]
}

function caseLines(suite: string, { name, failure, skipped }: Case): string[] {
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`
  if (skipped !== undefined) return [`${open}>`, `      <skipped message="${escaped(skipped)}"/>`, '    </testcase>']
  if (failure === undefined) return [`${open}/>`]
  const message = `      <failure message="${escaped(failure[0] ?? '')}">${escaped(failure.join('\n'))}</failure>`
  return [`${open}>`, message, '    </testcase>']
}

function numbersOf(cases: Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const skipped = cases.filter(({ skipped }) => skipped !== undefined).length
  return `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' }
const NO_XML = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** XML has no way to write most control characters; those that it has, a terminal may obey. */
function escaped(text: string): string {
  return visibleLines(text.replace(NO_XML, '\uFFFD')).replace(/[&<>"\n]/g, (character) => ENTITIES[character] as string)
}
