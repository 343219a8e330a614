// Command payments talks to the card processor for the shop.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

type server struct {
	store     *store
	processor *processor
}

type paymentRequest struct {
	Order  string `json:"order"`
	Amount int64  `json:"amount"`
	Card   string `json:"card"`
}

func (s *server) pay(w http.ResponseWriter, r *http.Request) {
	var p paymentRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&p); err != nil {
		http.Error(w, "not a payment", http.StatusBadRequest)
		return
	}
	if p.Amount <= 0 {
		http.Error(w, "the amount is not positive", http.StatusBadRequest)
		return
	}
	reference, err := s.processor.charge(r.Context(), p)
	if err != nil {
		log.Printf("charge failed: %v", err)
		http.Error(w, "the card was not accepted", http.StatusBadGateway)
		return
	}
	if err := s.store.save(r.Context(), p.Order, p.Amount, reference); err != nil {
		log.Printf("save failed: %v", err)
		http.Error(w, "not saved", http.StatusInternalServerError)
		return
	}
	writeJSON(w, map[string]string{"reference": reference})
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("write failed: %v", err)
	}
}

func main() {
	st, err := openStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	s := &server{store: st, processor: newProcessor(os.Getenv("PROCESSOR_URL"))}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments", s.pay)
	mux.HandleFunc("GET /payments", s.find)
	mux.HandleFunc("POST /receipts/print", s.printReceipt)
	log.Fatal(http.ListenAndServe(":8081", mux))
}
