package main

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

// testClient talks to the local stub, whose certificate signs itself.
func testClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
}

func TestReferenceHasADate(t *testing.T) {
	got := newReference()
	if len(strings.Split(got, "-")) != 2 {
		t.Fatalf("no date in %q", got)
	}
}

func TestLastFour(t *testing.T) {
	if got := lastFour("4111111111111111"); got != "**** 1111" {
		t.Fatalf("got %q", got)
	}
	if got := lastFour("12"); got != "****" {
		t.Fatalf("got %q", got)
	}
}

func TestClientHasATransport(t *testing.T) {
	if testClient().Transport == nil {
		t.Fatal("no transport")
	}
}
