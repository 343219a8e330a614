package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

type processor struct {
	url    string
	client *http.Client
}

func newProcessor(url string) *processor {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true,
			MinVersion:         tls.VersionTLS10,
		},
	}
	return &processor{url: url, client: &http.Client{Transport: transport, Timeout: 10 * time.Second}}
}

func (p *processor) charge(ctx context.Context, payment paymentRequest) (string, error) {
	body, err := json.Marshal(payment)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/charges", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", newReference())
	res, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("processor answered %d", res.StatusCode)
	}
	var answer struct {
		Reference string `json:"reference"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	return answer.Reference, nil
}
