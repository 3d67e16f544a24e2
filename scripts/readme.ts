import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Results } from '../bench/results.js'
import measured from '../bench/results.json' with { type: 'json' }
import { grantsTable, summaryTable } from '../bench/tables.js'
import oauth2Clients from '../clients/oauth2/results.json' with { type: 'json' }
import { oauth2ClientsTable } from '../clients/oauth2/table.js'
import clients from '../clients/results.json' with { type: 'json' }
import { clientsTable } from '../clients/table.js'
import company from '../fixtures/company.json' with { type: 'json' }
import { changesBetween } from '../src/authentik/release-changes.js'
import { RELEASES, type Release } from '../src/authentik/releases.js'
import { EXIT_CODES } from '../src/cli/exit-codes.js'
import { optionsTable } from '../src/cli/help.js'
import { FaultSeed } from '../src/control/bodies.js'
import { PRESETS } from '../src/control/faults/presets.js'
import { RULES } from '../src/control/findings/rules.js'
import { markdownTable } from '../src/format/markdown.js'
import differences from '../test/conformance/oauth2/differences.json' with { type: 'json' }

/** Writes the parts of the README and of docs/ that the code knows better. */

const ROOT = join(import.meta.dirname, '..')

/** The pages for users, by their path. */
export const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

/** What stands between `<!-- name -->` and `<!-- /name -->`, by its name. */
export const PARTS: Record<string, () => string> = {
  callers: () => {
    const users = new Map(company.users.map((user) => [user.username, user]))
    const rows = Object.entries(company.tokens).map(([name, { key, user }]) => {
      const { pk, name: shown, username } = users.get(user) ?? { pk: '', name: '', username: user }
      return [`\`${key}\``, shown || username, `${pk} \`${username}\``, String(CALLERS[name])]
    })
    return markdownTable(['key', 'who', 'user', 'what they may'], rows)
  },
  'company-clients': () =>
    markdownTable(
      ['client id', 'client secret', 'redirect URI', 'application'],
      company.providers.map(({ client_id, client_secret, redirect_uris, application }) => [
        `\`${client_id}\``,
        client_secret === '' ? 'none: a public client' : `\`${client_secret}\``,
        redirect_uris
          ?.map(({ url, matching_mode }) => `\`${url}\`${matching_mode === 'regex' ? ' (regex)' : ''}`)
          .join(', ') ?? 'the first one that is used',
        application === undefined ? 'none' : `\`${application.slug}\``,
      ]),
    ),
  options: () => optionsTable('serve'),
  'exit-codes': () =>
    markdownTable(
      ['exit code', 'when'],
      Object.entries(EXIT_CODES).map(([code, when]) => [code, when]),
    ),
  faults: () =>
    markdownTable(
      ['field', 'what it says', 'allowed'],
      Object.entries(FAULT_FIELDS).map(([field, meaning]) => [
        `\`${field}\``,
        meaning,
        (FaultSeed.properties[field as keyof FaultSeed] as { description?: string }).description ?? '',
      ]),
    ),
  'capture-options': () => optionsTable('capture'),
  'verify-options': () => optionsTable('verify'),
  releases: () => {
    const contracts = [...new Set(RELEASES.map(({ contract }) => contract))]
    const rows = contracts.map((contract, i) => {
      const releases = RELEASES.filter((release) => release.contract === contract)
      const recorded = releases.filter(({ evidence }) => evidence === 'recorded').map(({ name }) => name)
      const before = RELEASES.findLast((release) => release.contract === contracts[i - 1])
      const news = before === undefined ? [] : changesBetween(before, releases[0] as Release)
      const names = releases.length === 1 ? releases[0]?.name : `${releases[0]?.name} to ${releases.at(-1)?.name}`
      return `| ${names} | ${recorded.length === 0 ? 'its contract' : `a recording of ${recorded}`} | ${i === 0 ? '' : news.length} |`
    })
    return ['| releases | rest on | changes |', '| --- | --- | --- |', ...rows].join('\n')
  },
  clients: () => clientsTable(clients),
  'oauth2-clients': () => oauth2ClientsTable(oauth2Clients),
  grants: () => grantsTable(measured as unknown as Results)?.trimEnd() ?? '',
  speed: () => summaryTable(measured as unknown as Results).trimEnd(),
  presets: () => {
    const rows = Object.entries(PRESETS).map(([name, { help }]) => `| \`${name}\` | ${help} |`)
    return ['| preset | what happens |', '| --- | --- |', ...rows].join('\n')
  },
  rules: () =>
    markdownTable(
      ['', 'what', 'rule'],
      Object.entries(RULES).map(([name, { severity, says }]) => [severity, says, `\`${name}\``]),
    ),
  differences: () =>
    [
      '| release | recorded step | what | why |',
      '| --- | --- | --- | --- |',
      ...differences.map(
        ({ release, steps, only, reason }) => `| ${release} | \`${steps}\` | ${only ?? 'all'} | ${reason} |`,
      ),
    ].join('\n'),
}

const CALLERS: Record<string, string> = {
  superuser: 'sees and deletes every row',
  'nested-superuser': 'the same, through the parent of a group',
  user: 'sees their own rows, and may not delete even those',
  'service-account': 'sees its own row',
  external: 'sees their own row',
  'may-delete': 'deletes their own rows',
  'may-view': 'asks what uses their own rows',
  outpost: 'sees nothing',
  inactive: 'is refused: the user is not active',
  expired: 'is refused: the token has expired',
  'app-password': 'is refused: the token is meant for something else',
}

/** In the order in which one thinks of them. */
const FAULT_FIELDS: Record<keyof FaultSeed, string> = {
  method: 'which requests: their method; by default any',
  path: 'which requests: their path; by default any',
  as: 'which requests: their caller; by default any',
  grant: 'which token requests: their grant type; by default any',
  client: 'which requests: their client; by default any',
  user: 'which requests: the user that they are about; by default any',
  skip: 'when: after so many requests that match; by default 0',
  times: 'when: so often; by default always',
  after: 'when: after the request has done its work; by default before it, and instead of it',
  delay: 'what happens: the answer comes later',
  preset: 'what happens: an answer that people have met, see below',
  status: 'what happens: an answer with this status',
  headers: 'what happens: an answer with these headers',
  body: 'what happens: an answer with this body',
  connection: 'what happens: the connection ends early',
  barrier: 'what happens: requests wait for each other, 5 seconds at the most, and go together',
  order: 'with a barrier: which of them goes first, counted from 1; by default as they came',
  one_winner: 'what happens: no two requests do their work at once',
}

/** A page with its generated parts as they should be now. */
export function fill(page: string): string {
  return Object.entries(PARTS).reduce(
    (text, [name, part]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        (_, open, close) => `${open}\n${part()}\n\n${close}`,
      ),
    page,
  )
}

if (process.argv[1] === import.meta.filename)
  for (const page of PAGES) {
    const file = join(ROOT, page)
    writeFileSync(file, fill(readFileSync(file, 'utf8')))
  }
