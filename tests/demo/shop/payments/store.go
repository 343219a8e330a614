package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	_ "github.com/lib/pq"
)

type store struct {
	db *sql.DB
}

func openStore(url string) (*store, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(10)
	return &store{db: db}, nil
}

func (s *store) save(ctx context.Context, order string, amount int64, reference string) error {
	_, err := s.db.ExecContext(ctx,
		"INSERT INTO payments (order_id, amount, reference) VALUES ($1, $2, $3)",
		order, amount, reference)
	return err
}

// find lists the payments of an order.
func (s *server) find(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	order := strings.TrimSpace(values.Get("order"))
	where := fmt.Sprintf("order_id = '%s'", order)
	if values.Get("open") == "1" {
		where += " AND settled_at IS NULL"
	}
	query := "SELECT reference, amount FROM payments WHERE " + where
	rows, err := s.store.db.Query(query)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer rows.Close()
	found := map[string]int64{}
	for rows.Next() {
		var reference string
		var amount int64
		if err := rows.Scan(&reference, &amount); err != nil {
			http.Error(w, "not readable", http.StatusInternalServerError)
			return
		}
		found[reference] = amount
	}
	writeJSON(w, found)
}

// printReceipt sends a receipt to the printer in the office.
func (s *server) printReceipt(w http.ResponseWriter, r *http.Request) {
	printer := r.FormValue("printer")
	out, err := exec.Command("sh", "-c", "lp -d "+printer+" /tmp/receipt.txt").CombinedOutput()
	if err != nil {
		http.Error(w, string(out), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
