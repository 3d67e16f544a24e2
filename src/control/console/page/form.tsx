import type { Signal } from '@preact/signals'
import { act } from './api.js'

/** A form with a field for everything that a schema knows. */

export interface Property {
  type?: string
  enum?: string[]
  description?: string
  minimum?: number
  maximum?: number
}

/** What stands in each field, as it was written. */
export type Drafts = Record<'faults' | 'stubs', Record<string, string>>

interface FormProps {
  section: keyof Drafts
  word: string
  properties: Record<string, Property>
  drafts: Signal<Drafts>
}

export function Form({ section, word, properties, drafts }: FormProps) {
  const fields = Object.entries(properties)
  const draft = drafts.value[section]
  const put = (next: Record<string, string>) => {
    drafts.value = { ...drafts.value, [section]: next }
  }
  const submit = async () => {
    const body = Object.fromEntries(
      fields
        .filter(([name]) => (draft[name] ?? '') !== '')
        .map(([name, property]) => [name, valueIn(property, draft[name] ?? '')]),
    )
    const library = `await mock.${section}.add(${JSON.stringify(body)})`
    if (await act({ method: 'POST', path: section, body, library })) put({})
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div class="form">
        {fields.map(([name, property]) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Input is one
          <label key={name}>
            {name}
            <Input
              property={property}
              value={draft[name] ?? ''}
              onInput={(value) => put({ ...drafts.value[section], [name]: value })}
            />
            <small>{property.description}</small>
          </label>
        ))}
      </div>
      <div class="bar">
        <button type="submit" class="main">
          Add {word}
        </button>
        <button type="button" onClick={() => put({})}>
          Empty the form
        </button>
      </div>
    </form>
  )
}

function Input({ property, value, onInput }: { property: Property; value: string; onInput(value: string): void }) {
  const { type, enum: allowed } = property
  const options = allowed ?? (type === 'boolean' ? ['true', 'false'] : undefined)
  const isLine = type === 'string' || type === 'integer' || type === 'number'
  const props = { value, onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value) }
  if (options === undefined)
    return isLine ? <input autocomplete="off" spellcheck={false} {...props} /> : <textarea {...props} />
  return (
    <select value={value} onChange={props.onInput}>
      <option value="" />
      {options.map((option) => (
        <option key={option} value={option} selected={option === value}>
          {option}
        </option>
      ))}
    </select>
  )
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
