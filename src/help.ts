import { type Option, type OptionTable, variableOf } from './command-line.js'
import { COMMANDS, OPTIONS } from './options.js'

/** What `--help` prints. */
export function helpText(version: string): string {
  const commands = Object.entries(COMMANDS).map(([name, command]) => ({
    left: `${name}${'words' in command ? ` ${command.words.name}` : ''}`,
    right: command.help,
  }))
  return [
    `authentik-mock ${version}: answers as authentik's OAuth2 refresh-token API does.`,
    '',
    'authentik-mock [command] [options]',
    '',
    'Commands',
    ...columns(commands),
    '',
    'Options (each also as a variable: AUTHENTIK_MOCK_PORT for --port, and so on)',
    ...columns(
      Object.entries(OPTIONS as OptionTable).map(([flag, option]) => ({
        left: usageOf(flag, option),
        right: describe(option),
      })),
    ),
    ...columns([
      { left: '-h, --help', right: 'print this' },
      { left: '    --version', right: 'print the version' },
    ]),
    '',
    'Exit codes: 0 fine, 1 failed while running, 2 wrong options or fixtures.',
    '',
  ].join('\n')
}

/** The options as a Markdown table, for the README. */
export function optionsTable(): string {
  const rows = Object.entries(OPTIONS as OptionTable).map(([flag, option]) => {
    const also = Object.keys(option.also ?? {}).map((name) => `, \`${name}\``)
    return `| \`${usageOf(flag, option).trim()}\` | \`${variableOf(flag)}\`${also.join('')} | ${option.default === undefined ? '' : `\`${option.default}\``} | ${option.help} |`
  })
  return ['| option | variable | default | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function usageOf(flag: string, { short, value }: Option<unknown>): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`
}

function describe({ help, default: fallback }: Option<unknown>): string {
  return fallback === undefined ? help : `${help} (${fallback})`
}

function columns(rows: { left: string; right: string }[]): string[] {
  const width = Math.max(24, ...rows.map(({ left }) => left.length))
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`)
}
