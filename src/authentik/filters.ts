import type { Answer } from './answer.js'
import { invalidFilters, nullCharacters } from './errors.js'
import { parseInteger } from './python-integer.js'
import type { Text } from './texts.js'
import type { Visit } from './visit.js'

export interface Filters {
  user?: number
  provider?: number
}

/** Reads `user` and `provider`: keys that exist anywhere on the server, whoever may see their rows. */
export function readFilters(visit: Visit): Filters | { refused: Answer } {
  const filters: Filters = {}
  const wrong: { parameter: string; text: Text }[] = []
  const read = (parameter: keyof Filters, exists: (pk: number) => boolean) => {
    const value = visit.parameter(parameter)
    if (value === undefined || value === '') return
    const pk = parseInteger(value)
    if (pk !== undefined && exists(pk)) filters[parameter] = pk
    else wrong.push({ parameter, text: refusesNull(visit, value) ? 'nullCharacters' : 'invalidChoice' })
  }
  read('user', (pk) => visit.world.users.get(pk) !== undefined)
  read('provider', (pk) => visit.world.providers.get(pk) !== undefined)
  if (wrong.length > 0) return { refused: invalidFilters(visit, wrong) }
  if (refusesNull(visit, visit.parameter('search') ?? '')) return { refused: nullCharacters(visit) }
  return filters
}

function refusesNull({ release }: Visit, value: string): boolean {
  return release.nullCharacters === 'refused' && value.includes('\0')
}
