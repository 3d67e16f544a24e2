import { sayBreach } from './findings.js'
import { isExplained, type Trial } from './results.js'

/** The results as a Markdown table, with a footnote on each breach of authentik's contract that a client met. */
export function clientsTable(trials: Trial[]): string {
  const failures = trials.flatMap((trial) => trial.failures ?? [])
  const breaches = [...new Set(failures.flatMap((failure) => failure.breaches ?? []))]
  const rows = trials.map(
    (trial) =>
      `| ${trial.language}: \`${trial.package}\` | ${trial.version} | ${trial.release ?? ''} | ${say(trial, breaches)} |`,
  )
  const notes = breaches.map((field, i) => `${i + 1}. ${sayBreach(field)}`)
  return [
    '| client | version | speaks for | steps that go as on authentik |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n')
}

function say({ skipped, broken, steps = 0, failures = [] }: Trial, breaches: string[]): string {
  if (skipped !== undefined) return `skipped: ${skipped}`
  if (broken !== undefined) return `**not tried**: ${oneLine(broken)}`
  const explained = failures.filter(isExplained)
  const marks = breaches.flatMap((field, i) =>
    explained.some((failure) => failure.breaches?.includes(field)) ? [i + 1] : [],
  )
  const recordings = [...new Set(explained.map(({ recording }) => recording))]
  const own = `decoding fails, with the recorded bodies of ${recordings.join(' and ')} too (${marks.join(', ')}): ${names(explained)}`
  const others = failures.filter((failure) => !isExplained(failure))
  return [
    `${steps - failures.length} of ${steps}`,
    ...(explained.length === 0 ? [] : [own]),
    ...others.map(({ step, error }) => `**${step}**: ${oneLine(error)}`),
  ].join('; ')
}

function names(failures: { step: string }[]): string {
  const [first, second, ...more] = failures.map(({ step }) => step)
  return [first, second, ...(more.length === 0 ? [] : [`${more.length} more`])].filter(Boolean).join(', ')
}

/** As a cell of a table holds it. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}
