// Takes the steps of the task in TASK with golang.org/x/oauth2 and go-oidc, and prints what came of each.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type detail map[string]any

type outcome struct {
	Step   string `json:"step"`
	Detail detail `json:"detail,omitempty"`
	Plain  bool   `json:"plain,omitempty"`
	Error  string `json:"error,omitempty"`
}

var task struct {
	Issuer       string `json:"issuer"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RedirectURI  string `json:"redirect_uri"`
	Browser      string `json:"browser"`
}

var (
	ctx      = context.Background()
	provider *oidc.Provider
	config   oauth2.Config
	token    *oauth2.Token
	plain    struct {
		Introspection string `json:"introspection_endpoint"`
		Revocation    string `json:"revocation_endpoint"`
	}
)

func take(step string, isPlain bool, action func() (detail, error)) {
	done := outcome{Step: step, Plain: isPlain}
	found, err := action()
	if err != nil {
		done.Error = err.Error()
	} else {
		done.Detail = found
	}
	line, _ := json.Marshal(done)
	fmt.Println(string(line))
}

func browse(target string) (string, error) {
	answer, err := http.Get(task.Browser + "?url=" + url.QueryEscape(target))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// subject is that of the id_token, its signature, issuer, audience and times checked.
func subject(granted *oauth2.Token, nonce string) (string, error) {
	raw, _ := granted.Extra("id_token").(string)
	checked, err := provider.Verifier(&oidc.Config{ClientID: task.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	if checked.Nonce != nonce {
		return "", fmt.Errorf("the nonce is %q", checked.Nonce)
	}
	if checked.AccessTokenHash == "" {
		return checked.Subject, nil
	}
	return checked.Subject, checked.VerifyAccessToken(granted.AccessToken)
}

func discovery() (detail, error) {
	var err error
	if provider, err = oidc.NewProvider(ctx, task.Issuer); err != nil {
		return nil, err
	}
	if err = provider.Claims(&plain); err != nil {
		return nil, err
	}
	config = oauth2.Config{
		ClientID:     task.ClientID,
		ClientSecret: task.ClientSecret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  task.RedirectURI,
		Scopes:       []string{oidc.ScopeOpenID, "email", oidc.ScopeOfflineAccess},
	}
	return detail{"token_endpoint": config.Endpoint.TokenURL != ""}, nil
}

func signIn() (detail, error) {
	verifier, state, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	location, err := browse(config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		return nil, err
	}
	callback, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	if callback.Query().Get("state") != state {
		return nil, fmt.Errorf("the state is not ours: %s", location)
	}
	if token, err = config.Exchange(ctx, callback.Query().Get("code"), oauth2.VerifierOption(verifier)); err != nil {
		return nil, err
	}
	sub, err := subject(token, nonce)
	return detail{"sub": sub, "refresh_token": token.RefreshToken != ""}, err
}

func userinfo() (detail, error) {
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, err
	}
	return detail{"sub": info.Subject, "email": info.Email}, nil
}

func renewed() (*oauth2.Token, error) {
	return config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
}

func refresh() (detail, error) {
	next, err := renewed()
	if err != nil {
		return nil, err
	}
	isNew := next.RefreshToken != "" && next.RefreshToken != token.RefreshToken
	token = next
	sub, err := subject(token, "")
	return detail{"sub": sub, "rotated": isNew}, err
}

// post sends the refresh token to an endpoint that neither package knows of.
func post(endpoint string) ([]byte, error) {
	form := strings.NewReader(url.Values{"token": {token.RefreshToken}}.Encode())
	request, err := http.NewRequest(http.MethodPost, endpoint, form)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(task.ClientID, url.QueryEscape(task.ClientSecret))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func introspection() (detail, error) {
	body, err := post(plain.Introspection)
	if err != nil {
		return nil, err
	}
	var all detail
	err = json.Unmarshal(body, &all)
	found := detail{"active": all["active"]}
	if sub, is := all["sub"]; is {
		found["sub"] = sub
	}
	return found, err
}

func revocation() (detail, error) {
	_, err := post(plain.Revocation)
	return detail{}, err
}

func refused() (detail, error) {
	_, err := renewed()
	var retrieve *oauth2.RetrieveError
	if err == nil {
		return detail{"error": "none"}, nil
	}
	if !errors.As(err, &retrieve) {
		return nil, err
	}
	return detail{"error": retrieve.ErrorCode}, nil
}

func device() (detail, error) {
	begun, err := config.DeviceAuth(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = browse(begun.VerificationURIComplete); err != nil {
		return nil, err
	}
	begun.Interval = 1
	granted, err := config.DeviceAccessToken(ctx, begun)
	if err != nil {
		return nil, err
	}
	sub, err := subject(granted, "")
	return detail{"sub": sub}, err
}

func main() {
	if err := json.Unmarshal([]byte(os.Getenv("TASK")), &task); err != nil {
		panic(err)
	}
	take("discovery", false, discovery)
	take("sign-in", false, signIn)
	take("userinfo", false, userinfo)
	take("refresh", false, refresh)
	take("refresh again", false, refresh)
	take("introspection", true, introspection)
	take("revocation", true, revocation)
	take("refused", false, refused)
	take("introspection of the revoked", true, introspection)
	take("device", false, device)
}
