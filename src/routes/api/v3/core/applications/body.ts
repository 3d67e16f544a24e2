import { Crash } from '../../../../../python/crash.js'
import { joinUrl, splitUrl } from '../../../../../python/url.js'
import type { Database } from '../../../../../world/database.js'
import type { Application } from '../../../../../world/kinds/applications.js'
import { JsonText, objectText, type Projection } from '../../components/projection.js'
import { generalProviderText } from '../../components/provider.js'

/** What authentik gives an application whose appearance nobody changed: the only ones here. */
export const UNCHANGED = {
  open_in_new_tab: false,
  meta_launch_url: '',
  meta_icon: null,
  meta_icon_url: null,
  meta_icon_themed_urls: null,
  meta_description: '',
  meta_publisher: '',
  policy_engine_mode: 'any',
  group: '',
  meta_hide: false,
} as const

const values = {
  pk: (row: Application) => row.pk,
  pbm_uuid: (row: Application) => row.pk,
  name: (row: Application) => row.name,
  slug: (row: Application) => row.slug,
  provider: (row: Application) => row.provider,
  provider_obj: (row: Application, projection: Projection) => {
    const provider = row.provider === null ? undefined : projection.database.providers.get(row.provider)
    return provider === undefined ? null : new JsonText(generalProviderText(provider, projection))
  },
  backchannel_providers: () => [],
  backchannel_providers_obj: () => [],
  launch_url: (row: Application, { database }: Projection) => launchUrlOf(row, database),
  ...Object.fromEntries(Object.entries(UNCHANGED).map(([key, value]) => [key, () => value])),
}

export function applicationText(application: Application, projection: Projection): string {
  return objectText(projection.release.neighbourKeys.application, values, application, projection)
}

/** Where people start an application: its first redirect URI without the path. Null: none, or one that Python does not read. */
export function launchUrlOf({ provider: pk }: Application, database: Database): string | null {
  const [first] = pk === null ? [] : (database.providers.get(pk)?.redirect_uris ?? [])
  if (first === undefined) return null
  try {
    return joinUrl({ ...splitUrl(first.url), path: '' })
  } catch (error) {
    if (error instanceof Crash) return null
    throw error
  }
}
