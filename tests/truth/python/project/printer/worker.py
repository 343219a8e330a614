"""Prints labels that the site puts into the spool. Reached from the site alone."""

import pickle
import socketserver

from printer import inventory, spool, tickets


class Job(socketserver.StreamRequestHandler):
    def handle(self):
        job = pickle.loads(self.rfile.read())
        if tickets.is_valid(job["ticket"]):
            inventory.space(job["printer"])
            spool.send(job["printer"], job["label"])
        self.wfile.write(repr(inventory.restore(job["report"])).encode())


if __name__ == "__main__":
    socketserver.TCPServer(("0.0.0.0", 9100), Job).serve_forever()
