package main

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math/rand"
	"time"
)

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// newReference makes the key that keeps the processor from charging twice.
func newReference() string {
	out := make([]byte, 16)
	for i := range out {
		out[i] = letters[rand.Intn(len(letters))]
	}
	return fmt.Sprintf("%s-%s", time.Now().UTC().Format("20060102"), out)
}

// cardFingerprint lets support find a card without its number.
func cardFingerprint(card string) string {
	sum := sha1.Sum([]byte(card))
	return hex.EncodeToString(sum[:])
}

// lastFour is safe to show and to log.
func lastFour(card string) string {
	if len(card) < 4 {
		return "****"
	}
	return "**** " + card[len(card)-4:]
}
