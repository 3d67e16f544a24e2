import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Fault, JournalEntry, Stub } from '../../bodies.js'
import type { Preset } from '../../look-bodies.js'
import { call, changes, complain } from './api.js'
import { type Drafts, Form, type Property } from './form.js'
import { go } from './place.js'
import { Presets } from './presets.js'
import { Badge, Do, Empty, Script, Table } from './ui.js'

/** What is to go wrong, and what answers where the mock has no answer: lists, and forms made from their schemas. */

type Section = keyof Drafts

const faults = signal<Fault[]>([])
const stubs = signal<Stub[]>([])
const presets = signal<Preset[]>([])
const schemas = signal<Partial<Record<Section, Record<string, Property>>>>({})
/** What stands in the forms, as it was written. */
const drafts = signal<Drafts>({ faults: {}, stubs: {} })

/** Goes to the form of a stub for what nothing answered. */
export function stubThis({ method, path }: Pick<JournalEntry, 'method' | 'path'>): void {
  drafts.value = { ...drafts.value, stubs: { method, path, status: '200', body: '{}' } }
  go('plans')
}

async function load(): Promise<void> {
  try {
    ;[faults.value, stubs.value, presets.value] = await Promise.all([
      call<Fault[]>('GET', 'faults'),
      call<Stub[]>('GET', 'stubs'),
      call<Preset[]>('GET', 'presets'),
    ])
    if (schemas.value.faults !== undefined) return
    const { paths } = await call<Document>('GET', 'openapi.json')
    const read = (section: Section) =>
      paths[`/_mock/${section}`]?.post?.requestBody.content['application/json'].schema.properties ?? {}
    // A file is for stubs of fixtures alone.
    const { file: _, ...ofStubs } = read('stubs')
    schemas.value = { faults: read('faults'), stubs: ofStubs }
  } catch (error) {
    complain(error)
  }
}

interface Document {
  paths: Record<
    string,
    {
      post?: { requestBody: { content: { 'application/json': { schema: { properties: Record<string, Property> } } } } }
    }
  >
}

export function FaultsAndStubs() {
  useEffect(() => void load(), [changes.value])
  return (
    <>
      <h2>Faults and stubs</h2>
      <Plans
        section="stubs"
        title="Stubs"
        about="Answers for what the mock does not serve, or in the place of what it serves: the newest that matches."
        help="Add one below, or let a request that nothing serves become one: Stub this, among the requests."
        rows={stubs.value}
      />
      <Plans
        section="faults"
        title="Faults"
        about="What is to go wrong: the first that is due strikes."
        help="Add one below, or take one of the presets."
        rows={faults.value}
      />
      <Presets
        presets={presets.value}
        use={(preset) => {
          drafts.value = { ...drafts.value, faults: { ...drafts.value.faults, preset } }
          document.getElementById('faults-form')?.scrollIntoView()
        }}
      />
    </>
  )
}

interface PlansProps {
  section: Section
  title: string
  about: string
  /** What to do where there are none. */
  help: string
  rows: (Fault | Stub)[]
}

function Plans({ section, title, about, help, rows }: PlansProps) {
  const word = section.slice(0, -1)
  const isDrafted = Object.keys(drafts.value[section]).length > 0
  return (
    <section class="card" aria-label={section}>
      <div class="title">
        <h3>{title}</h3>
        {rows.length > 0 && (
          <Do kind="danger" action={{ method: 'DELETE', path: section, library: `await mock.${section}.clear()` }}>
            Take all {section} away
          </Do>
        )}
      </div>
      <p class="faint">{about}</p>
      {rows.length === 0 ? (
        <Empty title={`There are no ${section}.`}>
          <p>{help}</p>
        </Empty>
      ) : (
        <Table caption={countText(rows.length, word)} columns={['Id', 'For', 'Does', 'Matched', 'Did', 'Actions']}>
          {rows.map((row) => (
            <Row key={row.id} section={section} row={row} />
          ))}
        </Table>
      )}
      <details class="add" id={`${section}-form`} open={isDrafted}>
        <summary>Add a {word}</summary>
        <Form section={section} word={word} properties={schemas.value[section] ?? {}} drafts={drafts} />
      </details>
      <Script action={{ method: 'GET', path: section, library: `await mock.${section}.list()` }} />
    </section>
  )
}

function countText(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

const CONDITIONS = ['method', 'path', 'as', 'grant', 'client', 'user', 'query', 'request_headers', 'request_body']

function Row({ section, row }: { section: Section; row: Fault | Stub }) {
  const { id, seen, ...rest } = row
  const { answered, struck, ...parts } = rest as Record<string, unknown>
  const did = Number(answered ?? struck)
  const isFor = ([name]: [string, unknown]) => CONDITIONS.includes(name)
  const entries = Object.entries(parts)
  return (
    <tr>
      <td>{id}</td>
      <td>
        <Parts entries={entries.filter(isFor)} otherwise="every request" />
      </td>
      <td>
        <Parts entries={entries.filter((entry) => !isFor(entry))} otherwise="only counts" />
      </td>
      <td class="number">{seen}</td>
      <td class="number">
        <Badge tone={did > 0 ? 'good' : 'plain'}>{did}</Badge>
      </td>
      <td>
        <Do
          kind="danger"
          action={{
            method: 'DELETE',
            path: `${section}/${id}`,
            library: `await mock.${section}.remove(${JSON.stringify(id)})`,
          }}
        >
          Take {section.slice(0, -1)} {id} away
        </Do>
      </td>
    </tr>
  )
}

function Parts({ entries, otherwise }: { entries: [string, unknown][]; otherwise: string }) {
  if (entries.length === 0) return <span class="faint">{otherwise}</span>
  return (
    <>
      {entries.map(([name, value]) => (
        <div key={name}>
          <span class="faint">{name}</span> {typeof value === 'string' ? value : JSON.stringify(value)}
        </div>
      ))}
    </>
  )
}
