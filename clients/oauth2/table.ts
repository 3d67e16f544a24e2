import type { Trial } from './results.js'

/** The results as a Markdown table. */
export function oauth2ClientsTable(trials: Trial[]): string {
  const rows = trials.map(
    (trial) => `| ${trial.client} | ${trial.packages.join(', ')} | ${trial.release} | ${say(trial)} |`,
  )
  return ['| client | versions | release | steps that go as on authentik |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function say({ broken, steps = 0, plain = [], absent = [], failures = [] }: Trial): string {
  if (broken !== undefined) return `**not tried**: ${oneLine(broken)}`
  return [
    `${steps - failures.length} of ${steps}`,
    ...(plain.length === 0 ? [] : [`by plain HTTP, as it has nothing for it: ${plain.join(', ')}`]),
    ...(absent.length === 0 ? [] : [`it has nothing for: ${absent.join(', ')}`]),
    ...failures.map(({ step, error }) => `**${step}**: ${oneLine(error)}`),
  ].join('; ')
}

/** As a cell of a table holds it. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}
