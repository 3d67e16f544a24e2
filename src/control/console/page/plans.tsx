import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Fault, JournalEntry, Stub } from '../../bodies.js'
import { act, call, changes, complain } from './api.js'
import { Do, Table, textOf } from './ui.js'

/** What is to go wrong, and what answers where the mock has no answer: lists, and forms made from their schemas. */

type Section = 'faults' | 'stubs'
interface Property {
  type?: string
  enum?: string[]
  description?: string
}

const faults = signal<Fault[]>([])
const stubs = signal<Stub[]>([])
const schemas = signal<Partial<Record<Section, Record<string, Property>>>>({})
/** What stands in the forms, as it was written. */
const drafts = signal<Record<Section, Record<string, string>>>({ faults: {}, stubs: {} })

/** Goes to the form of a stub for what nothing answered. */
export function stubThis({ method, path }: JournalEntry): void {
  drafts.value = { ...drafts.value, stubs: { method, path, status: '200', body: '{}' } }
  location.hash = '#plans'
}

async function load(): Promise<void> {
  try {
    ;[faults.value, stubs.value] = await Promise.all([call<Fault[]>('GET', 'faults'), call<Stub[]>('GET', 'stubs')])
    if (schemas.value.faults !== undefined) return
    const { paths } = await call<Document>('GET', 'openapi.json')
    const read = (section: Section) =>
      paths[`/_mock/${section}`]?.post?.requestBody.content['application/json'].schema.properties ?? {}
    schemas.value = { faults: read('faults'), stubs: read('stubs') }
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
  const times = changes.value
  useEffect(() => void load(), [times])
  return (
    <>
      <h2>Faults and stubs</h2>
      <Plans section="stubs" title="Stubs: answers for what the mock does not serve" rows={stubs.value} />
      <Plans section="faults" title="Faults: what is to go wrong" rows={faults.value} />
    </>
  )
}

function Plans({ section, title, rows }: { section: Section; title: string; rows: (Fault | Stub)[] }) {
  const word = section.slice(0, -1)
  return (
    <section aria-label={section}>
      <h3>{title}</h3>
      <Table caption={`${rows.length} ${section}`} columns={['Id', 'For', 'Does', 'Matched', 'Did', 'Actions']}>
        {rows.map((row) => {
          const { id, method, path, as, seen, ...rest } = row
          const { answered, struck, ...does } = rest as Record<string, unknown>
          return (
            <tr key={id}>
              <td>{id}</td>
              <td>
                {method ?? 'any method'} {path ?? 'any path'} {as === undefined ? '' : `as ${as}`}
              </td>
              <td>{textOf(does)}</td>
              <td>{seen}</td>
              <td>{textOf(answered ?? struck)}</td>
              <td>
                <Do
                  action={{
                    method: 'DELETE',
                    path: `${section}/${id}`,
                    library: `await mock.${section}.remove(${JSON.stringify(id)})`,
                  }}
                >
                  Take {word} {id} away
                </Do>
              </td>
            </tr>
          )
        })}
      </Table>
      <details open={Object.keys(drafts.value[section]).length > 0}>
        <summary>Add a {word}</summary>
        <Form section={section} word={word} />
      </details>
    </section>
  )
}

function Form({ section, word }: { section: Section; word: string }) {
  const properties = Object.entries(schemas.value[section] ?? {})
  const draft = drafts.value[section]
  const set = (name: string, value: string) => {
    drafts.value = { ...drafts.value, [section]: { ...drafts.value[section], [name]: value } }
  }
  const submit = async () => {
    const body = Object.fromEntries(
      properties
        .filter(([name]) => (draft[name] ?? '') !== '')
        .map(([name, property]) => [name, valueIn(property, draft[name] ?? '')]),
    )
    const library = `await mock.${section}.add(${JSON.stringify(body)})`
    if (await act({ method: 'POST', path: section, body, library })) drafts.value = { ...drafts.value, [section]: {} }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div class="form">
        {properties.map(([name, property]) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Input is one
          <label key={name}>
            {name}
            <Input property={property} value={draft[name] ?? ''} onInput={(value) => set(name, value)} />
            <small>{property.description}</small>
          </label>
        ))}
      </div>
      <button type="submit">Add {word}</button>
    </form>
  )
}

function Input({ property, value, onInput }: { property: Property; value: string; onInput(value: string): void }) {
  const options = property.enum ?? (property.type === 'boolean' ? ['true', 'false'] : undefined)
  if (options !== undefined)
    return (
      <select value={value} onChange={(event) => onInput(event.currentTarget.value)}>
        <option value="" />
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    )
  if (property.type === 'string' || property.type === 'integer')
    return <input value={value} onInput={(event) => onInput(event.currentTarget.value)} />
  return <textarea value={value} onInput={(event) => onInput(event.currentTarget.value)} />
}

/** What was written, as JSON where it is some; what does not fit is refused by the mock, in its words. */
function valueIn({ type }: Property, text: string): unknown {
  if (type === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
