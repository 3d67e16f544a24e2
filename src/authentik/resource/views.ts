import type { Resource } from '../resource.js'
import type { View } from '../view.js'
import { detailView } from './detail.js'
import { listView } from './list.js'
import { usedByView } from './used-by.js'

/** The three routes of a resource, and further ones whose paths could be taken for those of a row. */
export function resourceViews(resource: Resource, ...others: View[]): View[] {
  return [listView(resource), ...others, detailView(resource), usedByView(resource)]
}
