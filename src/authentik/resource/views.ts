import type { Resource } from '../resource.js'
import type { View } from '../view.js'
import { detailView } from './detail.js'
import { listView } from './list.js'
import { usedByView } from './used-by.js'

/** The three routes of a resource, and further ones whose paths could be taken for those of a row. */
export function resourceViews(resource: Resource, ...others: View[]): View[] {
  const detail = detailView(resource)
  return [listView(resource), ...others.map((view) => apartFrom(view, detail)), detail, usedByView(resource)]
}

/** A view whose path is never taken for that of a row, whatever the method. */
function apartFrom(view: View, row: View): View {
  const refused = Object.keys(row.methods).map((method) => [method, { handle: view.otherwise }])
  return { ...view, methods: { ...Object.fromEntries(refused), ...view.methods } }
}
