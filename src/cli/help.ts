import type { Option, OptionTable } from './command-line.js'
import { variableOf } from './environment.js'
import { EXIT_CODES } from './exit-codes.js'
import { COMMANDS, type Command } from './options.js'

/** What `--help` prints: of one command, or without it of all, with the options of `serve`. */
export function helpText(version: string, about?: Command): string {
  const command = COMMANDS[about ?? 'serve']
  const used = 'used' in command ? command.used : undefined
  const head =
    about === undefined
      ? [
          `authentik-mock ${version}: answers as authentik's OAuth2 refresh-token API does.`,
          '',
          'authentik-mock [command] [options]',
          '',
          'Commands (authentik-mock COMMAND --help says more)',
          ...columns(commandLines()),
        ]
      : [`authentik-mock ${callOf(about)} [options]: ${command.help}.`]
  return [
    ...head,
    '',
    `Options (each also as a variable: AUTHENTIK_MOCK_TOKEN for --token, and so on)${used === undefined ? '' : '; other options of serve are accepted and do nothing'}`,
    ...columns(optionLines(shownOptions(command.options, used))),
    '',
    'Exit codes',
    ...Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code}  ${meaning}`),
    '',
  ].join('\n')
}

function callOf(name: Command): string {
  const command = COMMANDS[name]
  return `${name}${'words' in command ? ` ${command.words.name}` : ''}`
}

function commandLines(): Line[] {
  return Object.entries(COMMANDS).map(([name, { help }]) => ({ left: callOf(name as Command), right: help }))
}

function shownOptions(table: OptionTable, used: string[] | undefined): OptionTable {
  if (used === undefined) return table
  return Object.fromEntries(Object.entries(table).filter(([flag]) => used.includes(flag)))
}

function optionLines(table: OptionTable): Line[] {
  return [
    ...Object.entries(table).map(([flag, option]) => ({ left: usageOf(flag, option), right: describe(option) })),
    { left: '-h, --help', right: 'print this' },
    { left: '    --version', right: 'print the version' },
  ]
}

/** The options of a command as a Markdown table, for docs/. */
export function optionsTable(command: Command): string {
  const rows = Object.entries(COMMANDS[command].options as OptionTable).map(([flag, option]) => {
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

interface Line {
  left: string
  right: string
}

function columns(rows: Line[]): string[] {
  const width = Math.max(24, ...rows.map(({ left }) => left.length))
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`)
}
