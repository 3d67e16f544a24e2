import * as Type from 'typebox'
import { exactField, exactText } from '../../../../../authentik/filters.js'
import { detailView } from '../../../../../authentik/resource/detail.js'
import { listView } from '../../../../../authentik/resource/list.js'
import { usedByView } from '../../../../../authentik/resource/used-by.js'
import type { Resource } from '../../../../../authentik/resource.js'
import {
  anything,
  listParameters,
  listSchema,
  orNull,
  pickFields,
  usedBySchema,
} from '../../../../../authentik/wire-types.js'
import type { Application } from '../../../../../world/kinds/applications.js'
import { generalProviderSchema } from '../../components/provider.js'
import { consentsOf } from '../../components/used-by.js'
import { applicationText } from './body.js'
import { checkAccessView } from './check-access.js'
import { listApplications } from './list.js'

/** /api/v3/core/applications/: what makes providers known to people; read only. */
export const applications: Resource = {
  section: 'applications',
  undocumented: true,
  url: '/api/v3/core/applications/',
  operations: 'core_applications',
  routes: { list: 'application_list', detail: 'application_detail', usedBy: 'application_used_by' },
  titles: { list: 'Application List', detail: 'Application Instance' },
  description: 'Application Viewset',
  model: { permission: 'application', name: 'Application' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: { parameter: 'slug', field: 'slug' },
  isDeletable: true,
  list: listApplications,
  filters: {
    name: exactText,
    slug: exactText,
    meta_launch_url: exactField,
    meta_description: exactField,
    meta_publisher: exactField,
    group: exactField,
  },
  search: ({ name, slug }: Application) => [name, slug],
  ordering: { terms: ['pk', 'name', 'slug', 'provider'], byDefault: [{ by: 'name', descending: false }] },
  joins: ['providers', 'applications'],
  text: (row: Application, { database, release }, included) => applicationText(row, { database, release, ...included }),
  usedBy: ({ pk }: Application, { database }) => consentsOf(database, 'application', pk),
  querystring: listParameters({
    for_user: Type.Integer(),
    group: Type.String(),
    meta_description: Type.String(),
    meta_launch_url: Type.String(),
    meta_publisher: Type.String(),
    name: Type.String(),
    only_with_launch_url: Type.Boolean(),
    slug: Type.String(),
    superuser_full_list: Type.Boolean(),
  }),
  schemas(release) {
    const fields = {
      pk: Type.String({ format: 'uuid' }),
      pbm_uuid: Type.String({ format: 'uuid' }),
      name: Type.String(),
      slug: Type.String(),
      provider: orNull(Type.Integer()),
      provider_obj: orNull(generalProviderSchema(release)),
      backchannel_providers: Type.Array(Type.Integer()),
      backchannel_providers_obj: Type.Array(Type.Unknown()),
      launch_url: orNull(Type.String()),
      open_in_new_tab: Type.Boolean(),
      meta_launch_url: Type.String(),
      meta_icon: orNull(Type.String()),
      meta_icon_url: orNull(Type.String()),
      meta_icon_themed_urls: orNull(anything()),
      meta_description: Type.String(),
      meta_publisher: Type.String(),
      policy_engine_mode: Type.String(),
      group: Type.String(),
      meta_hide: Type.Boolean(),
    }
    const one = pickFields(fields, release.neighbourKeys.application, 'Application')
    return { one, list: listSchema(release, one, 'PaginatedApplicationList'), usedBy: usedBySchema(release) }
  },
}

export const applicationViews = [
  listView(applications),
  detailView(applications),
  usedByView(applications),
  checkAccessView(applications),
]
