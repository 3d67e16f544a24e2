/**
 * What a terminal obeys instead of showing it: control characters (C0, DEL, C1), marks that turn the direction of
 * writing around, and separators of lines and paragraphs.
 */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** A text from elsewhere as one line for a person: what a terminal would obey is shown as `\x1b` or `\u202e`. */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) => {
    const hex = character.charCodeAt(0).toString(16)
    return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`
  })
}

/** The same for a text whose lines are meant as lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** The same for JSON, which stays JSON and says the same. Spaces between its values stay. */
export function visibleJson(json: string): string {
  return json.replace(OBEYED, (character) =>
    /\s/.test(character) && character < ' ' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A text of a target as a message shows it: visible, and not too long. */
export function excerpt(text: unknown, length = 200): string {
  const shown = visible(String(text).slice(0, length))
  return String(text).length > length ? `${shown}…` : shown
}

/** A line of the log whose texts are visible, also where they are parsed once more. */
export function visibleValues(line: string): string {
  const shown = (name: string, value: unknown) =>
    typeof value === 'string' ? (name === 'stack' ? visibleLines(value) : visible(value)) : value
  return JSON.stringify(JSON.parse(line, shown))
}
