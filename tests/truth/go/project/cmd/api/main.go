// Command api answers customers: their readings, bills and reports.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/dgrijalva/jwt-go"
	"golang.org/x/text/language"

	"example.com/metering/internal/files"
	"example.com/metering/internal/report"
)

func main() {
	http.HandleFunc("/hello", hello)
	http.HandleFunc("/bill", bill)
	http.HandleFunc("/chart", chart)
	http.HandleFunc("/import", fetch)
	http.HandleFunc("/whoami", whoami)
	serve(":8080")
}

// serve answers until it is told to stop.
func serve(address string) {
	server := &http.Server{Addr: address}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.Close()
	}()
	log.Println(server.ListenAndServe())
}

func hello(w http.ResponseWriter, r *http.Request) {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		http.Error(w, "no such language", http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "<h1>%s</h1><p>%v</p>", r.URL.Query().Get("name"), tags)
}

func bill(w http.ResponseWriter, r *http.Request) {
	bytes, err := files.Bill(r.URL.Query().Get("number"))
	if err != nil {
		http.Error(w, "no such bill", http.StatusNotFound)
		return
	}
	w.Write(bytes)
}

func chart(w http.ResponseWriter, r *http.Request) {
	picture, err := report.Chart(r.URL.Query().Get("title"))
	if err != nil {
		http.Error(w, "no chart", http.StatusInternalServerError)
		return
	}
	w.Write(picture)
}

func fetch(w http.ResponseWriter, r *http.Request) {
	answer, err := http.Get(r.URL.Query().Get("url"))
	if err != nil {
		http.Error(w, "cannot be fetched", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	io.Copy(w, answer.Body)
}

func whoami(w http.ResponseWriter, r *http.Request) {
	claims := jwt.MapClaims{}
	key := func(*jwt.Token) (interface{}, error) { return []byte(os.Getenv("METERING_KEY")), nil }
	token, err := jwt.ParseWithClaims(r.Header.Get("Authorization"), claims, key)
	if err != nil || !token.Valid || !claims.VerifyAudience("metering", true) {
		http.Error(w, "who are you", http.StatusForbidden)
		return
	}
	fmt.Fprintln(w, "a customer")
}
