/** A test as JUnit knows it: passed, unless it says otherwise. */
export interface Case {
  name: string
  failure?: { message: string; text: string }
  /** Why it was not run. */
  skipped?: string
}

export interface Suite {
  name: string
  cases: Case[]
}

/** Suites as the XML of JUnit, as CI servers read it. */
export function junitText(name: string, suites: Suite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...countsOf(suites.flatMap(({ cases }) => cases)) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines({ name, cases }: Suite): string[] {
  const head = `  <testsuite${attributes({ name, ...countsOf(cases) })}>`
  return [head, ...cases.flatMap((each) => caseLines(name, each)), '  </testsuite>']
}

function caseLines(suite: string, { name, failure, skipped }: Case): string[] {
  const head = `    <testcase${attributes({ classname: suite, name })}`
  if (failure !== undefined)
    return [
      `${head}>`,
      `      <failure${attributes({ message: failure.message })}>${escapeXml(failure.text)}</failure>`,
      '    </testcase>',
    ]
  if (skipped !== undefined)
    return [`${head}>`, `      <skipped${attributes({ message: skipped })}/>`, '    </testcase>']
  return [`${head}/>`]
}

function countsOf(cases: Case[]) {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
  }
}

function attributes(given: Record<string, string | number>): string {
  return Object.entries(given)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' }

/** Characters that XML does not allow, not even escaped, become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/(?![\n\t])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] as string)
}
