import type { ComponentChildren } from 'preact'
import { type Action, act, said } from './api.js'

/** The parts that every view is made of. */

/** A button that does something to the mock. */
export function Do({ action, children, then }: { action: Action; children: ComponentChildren; then?: () => void }) {
  const run = async () => {
    if (await act(action)) then?.()
  }
  return (
    <button type="button" onClick={() => void run()}>
      {children}
    </button>
  )
}

/** A text to copy. */
export function Copy({ label, text }: { label: string; text: string }) {
  const copy = () => {
    // Only pages of https and localhost may; elsewhere the text can still be marked.
    void navigator.clipboard?.writeText(text).then(() => {
      said.value = { text: `Copied: ${label}`, isBad: false }
    })
  }
  return (
    <div>
      <button type="button" onClick={copy}>
        Copy {label}
      </button>
      <pre>{text}</pre>
    </div>
  )
}

export function Field({ label, value, onInput, isNumber = false }: FieldProps) {
  return (
    <label>
      {label}
      <input
        inputMode={isNumber ? 'numeric' : 'text'}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

interface FieldProps {
  label: string
  value: string
  onInput(value: string): void
  isNumber?: boolean
}

export function Choice({ label, value, options, onInput }: FieldProps & { options: [value: string, text: string][] }) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onInput(event.currentTarget.value)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

interface TableProps {
  caption: string
  columns: string[]
  children: ComponentChildren
}

/** A wide table scrolls by itself, also by keyboard. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
    <section class="scroll" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
