/** So many look-ups in texts are worth their time. */
const MAX_SEARCHES = 100

/**
 * What stands in places that could not be read. A name that leads nowhere may lead there, and is then no mistake of its
 * own: of `{"users": [{"usrname": "jane"}], "refresh_tokens": [{"user": "jane"}]}`, one thing is wrong.
 */
export interface Mentions {
  /** Adds every text and number in a value, and the names of its members. */
  add(value: unknown): void
  /** Adds a text that could not be parsed. */
  addText(text: string): void
  has(name: unknown): boolean
}

export function createMentions(): Mentions {
  const names = new Set<unknown>()
  const texts: string[] = []
  let searches = 0

  function add(value: unknown): void {
    if (value === null || typeof value !== 'object') names.add(value)
    else
      for (const [name, member] of Object.entries(value)) {
        names.add(name)
        add(member)
      }
  }

  return {
    add,
    addText: (text) => void texts.push(text),
    has(name) {
      if (names.has(name)) return true
      if (texts.length === 0) return false
      return searches++ >= MAX_SEARCHES || texts.some((text) => text.includes(String(name)))
    },
  }
}
