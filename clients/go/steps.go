// The steps through the Go client.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	api "goauthentik.io/api/v3"
)

type object = map[string]any

type task struct {
	Url, Superuser, PlainUser                                                           string
	Row, RowWithoutApplication, RowWithoutExpiry, OwnRow, MissingRow, User, Provider int32
}

func clientAs(url, token string) *api.Oauth2APIService {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: url + "/api/v3"}}
	configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	return api.NewAPIClient(configuration).Oauth2API
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

func main() {
	var task task
	if err := json.Unmarshal([]byte(os.Getenv("TASK")), &task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	context := context.Background()
	service := clientAs(task.Url, task.Superuser)

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
	destroy("no permission", clientAs(task.Url, task.PlainUser), task.OwnRow)
	destroy("destroy", service, task.Row)
	retrieve("gone after destroy", task.Row)
}
