// The steps through the Go client.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	api "goauthentik.io/api/v3"
)

type object = map[string]any

type task struct {
	Url, Superuser, PlainUser                                                        string
	Username, Application, Group, Scope                                              string
	Row, RowWithoutApplication, RowWithoutExpiry, OwnRow, MissingRow, User, Provider int32
}

func clientAs(url, token string) *api.APIClient {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: url + "/api/v3"}}
	configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	return api.NewAPIClient(configuration)
}

func rowOf(row *api.TokenModel) object {
	var expires *string
	if moment := row.Expires.Get(); moment != nil {
		text := moment.Format(time.RFC3339Nano)
		expires = &text
	}
	var application any
	if slug := row.Provider.GetAssignedApplicationSlug(); slug != "" {
		application = slug
	}
	return object{
		"pk": row.Pk, "provider": row.Provider.Name, "application": application, "user": row.User.Username,
		"email": row.User.GetEmail(), "scope": row.Scope, "expires": expires, "revoked": row.GetRevoked(),
		"is_expired": row.IsExpired,
	}
}

func pksOf(rows []api.TokenModel) []int32 {
	pks := []int32{}
	for _, row := range rows {
		pks = append(pks, row.Pk)
	}
	return pks
}

func everyPage(service *api.Oauth2APIService) (any, *http.Response, error) {
	pks, pages := []int32{}, 0
	for number := int32(1); number > 0; pages++ {
		request := service.Oauth2RefreshTokensList(context.Background()).Ordering("-pk").Page(number).PageSize(4)
		page, response, err := request.Execute()
		if err != nil {
			return nil, response, err
		}
		pks = append(pks, pksOf(page.Results)...)
		number = int32(page.Pagination.Next)
	}
	return object{"pages": pages, "pks": pks}, nil, nil
}

func printOutcome(step string, detail any, response *http.Response, err error) {
	ok := err == nil
	if !ok {
		detail = object{"error": err.Error()}
		if answer, is := err.(*api.GenericOpenAPIError); is && response != nil && response.StatusCode >= 300 {
			detail = object{"status": response.StatusCode, "body": string(answer.Body())}
		}
	}
	line, _ := json.Marshal(object{"step": step, "ok": ok, "detail": detail})
	fmt.Println(string(line))
}

func userOf(user *api.User) object {
	return object{"pk": user.Pk, "username": user.Username, "name": user.GetName(), "is_active": user.GetIsActive()}
}

// What a step tells of an answer, once there is one.
func take[T any](step string, detailOf func(T) any) func(T, *http.Response, error) {
	return func(answer T, response *http.Response, err error) {
		var detail any
		if err == nil {
			detail = detailOf(answer)
		}
		printOutcome(step, detail, response, err)
	}
}

func main() {
	var task task
	if err := json.Unmarshal([]byte(os.Getenv("TASK")), &task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	context := context.Background()
	client := clientAs(task.Url, task.Superuser)
	service := client.Oauth2API

	retrieve := func(step string, pk int32) {
		row, response, err := service.Oauth2RefreshTokensRetrieve(context, pk).Execute()
		var detail any
		if err == nil {
			detail = rowOf(row)
		}
		printOutcome(step, detail, response, err)
	}
	list := func(step string, request api.ApiOauth2RefreshTokensListRequest) {
		page, response, err := request.Execute()
		var detail any
		if err == nil {
			detail = object{"count": page.Pagination.Count, "pks": pksOf(page.Results)}
		}
		printOutcome(step, detail, response, err)
	}
	destroy := func(step string, service *api.Oauth2APIService, pk int32) {
		response, err := service.Oauth2RefreshTokensDestroy(context, pk).Execute()
		printOutcome(step, nil, response, err)
	}

	retrieve("retrieve", task.Row)
	retrieve("retrieve without application", task.RowWithoutApplication)
	retrieve("retrieve without expiry", task.RowWithoutExpiry)
	list("list", service.Oauth2RefreshTokensList(context))
	list("filter by user", service.Oauth2RefreshTokensList(context).User(task.User))
	list("filter by provider", service.Oauth2RefreshTokensList(context).Provider(task.Provider))
	detail, response, err := everyPage(service)
	printOutcome("every page", detail, response, err)
	uses, response, err := service.Oauth2RefreshTokensUsedByList(context, task.Row).Execute()
	printOutcome("used by", uses, response, err)
	retrieve("missing row", task.MissingRow)
	list("bad filter", service.Oauth2RefreshTokensList(context).User(task.MissingRow))
	destroy("no permission", clientAs(task.Url, task.PlainUser).Oauth2API, task.OwnRow)
	destroy("destroy", service, task.Row)
	retrieve("gone after destroy", task.Row)
	neighbours(task, client)
}

// The steps next to the refresh tokens.
func neighbours(task task, client *api.APIClient) {
	context := context.Background()
	core := client.CoreAPI
	user := func(user *api.User) any { return userOf(user) }
	sessionsOf := core.CoreAuthenticatedSessionsList(context).UserUsername(task.Username)
	sessions := func(page *api.PaginatedAuthenticatedSessionList) any {
		users := []int32{}
		for _, session := range page.Results {
			users = append(users, session.User)
		}
		return object{"count": page.Pagination.Count, "users": users}
	}

	take("users by name", func(page *api.PaginatedUserList) any {
		users := []object{}
		for _, user := range page.Results {
			users = append(users, userOf(&user))
		}
		return object{"count": page.Pagination.Count, "users": users}
	})(core.CoreUsersList(context).Username(task.Username).Execute())
	take("me", func(session *api.SessionUser) any {
		user := session.User
		return object{
			"pk": user.Pk, "username": user.Username, "name": user.Name, "is_active": user.IsActive,
			"is_superuser": user.IsSuperuser,
		}
	})(core.CoreUsersMeRetrieve(context).Execute())
	take("user by key", user)(core.CoreUsersRetrieve(context, task.User).Execute())
	take("used by user", func(uses []api.UsedBy) any {
		pks := []int{}
		for _, use := range uses {
			if pk, err := strconv.Atoi(use.Pk); err == nil && use.ModelName == "refreshtoken" {
				pks = append(pks, pk)
			}
		}
		return object{"pks": pks}
	})(core.CoreUsersUsedByList(context, task.User).Execute())
	application, response, err := core.CoreApplicationsRetrieve(context, task.Application).Execute()
	take("application by slug", func(application *api.Application) any {
		return object{"slug": application.Slug, "name": application.Name, "provider": application.Provider.Get()}
	})(application, response, err)
	take("provider of application", func(page *api.PaginatedOAuth2ProviderList) any {
		pks := []int32{}
		for _, provider := range page.Results {
			pks = append(pks, provider.Pk)
		}
		return object{"count": page.Pagination.Count, "pks": pks}
	})(client.ProvidersAPI.ProvidersOauth2List(context).Application(application.GetPk()).Execute())
	take("check access", func(result *api.PolicyTestResult) any {
		return object{"passing": result.Passing}
	})(core.CoreApplicationsCheckAccessRetrieve(context, task.Application).Execute())
	take("API tokens", func(page *api.PaginatedTokenList) any {
		identifiers := []string{}
		for _, token := range page.Results {
			identifiers = append(identifiers, token.Identifier)
		}
		return object{"count": page.Pagination.Count, "identifiers": identifiers}
	})(core.CoreTokensList(context).UserUsername(task.Username).Execute())
	found, response, err := sessionsOf.Execute()
	take("sessions", sessions)(found, response, err)
	if err == nil && len(found.Results) > 0 {
		response, err = core.CoreAuthenticatedSessionsDestroy(context, found.Results[0].GetUuid()).Execute()
	}
	printOutcome("end session", nil, response, err)
	take("sessions left", sessions)(sessionsOf.Execute())
	take("groups", func(page *api.PaginatedGroupList) any {
		groups := []object{}
		for _, group := range page.Results {
			groups = append(groups, object{"name": group.Name, "users": group.Users})
		}
		return groups
	})(core.CoreGroupsList(context).Name(task.Group).Execute())
	take("configuration", func(config *api.Config) any {
		return object{"cache_timeout": config.CacheTimeout}
	})(client.RootAPI.RootConfigRetrieve(context).Execute())
	take("version", func(version *api.Version) any {
		return object{"version_current": version.VersionCurrent}
	})(client.AdminAPI.AdminVersionRetrieve(context).Execute())
	take("brand", func(brand *api.CurrentBrand) any {
		return object{"matched_domain": brand.MatchedDomain}
	})(core.CoreBrandsCurrentRetrieve(context).Execute())
	take("scope mappings", func(page *api.PaginatedScopeMappingList) any {
		mappings := []object{}
		for _, mapping := range page.Results {
			mappings = append(mappings, object{"name": mapping.Name, "scope_name": mapping.ScopeName})
		}
		return mappings
	})(client.PropertymappingsAPI.PropertymappingsProviderScopeList(context).ScopeName(task.Scope).Execute())
	changes := api.PatchedUserRequest{IsActive: api.PtrBool(false)}
	take("switch off", user)(core.CoreUsersPartialUpdate(context, task.User).PatchedUserRequest(changes).Execute())
	take("switched off", user)(core.CoreUsersRetrieve(context, task.User).Execute())
}
