import type { Database } from './database.js'

/** Reads something off a database once, and again when its rows have changed. */
export function untilChanged<V>(read: (database: Database) => V): (database: Database) => V {
  const kept = new WeakMap<Database, { version: number; value: V }>()
  return (database) => {
    const known = kept.get(database)
    if (known?.version === database.version) return known.value
    const value = read(database)
    kept.set(database, { version: database.version, value })
    return value
  }
}
