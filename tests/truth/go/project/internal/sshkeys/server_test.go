package sshkeys_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"net"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A meter that speaks SSH, for the tests.
func TestMeter(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	ours, theirs := net.Pipe()
	theirs.Close()
	if _, _, _, err := ssh.NewServerConn(ours, config); err == nil {
		t.Fatal("nobody is there")
	}
}
