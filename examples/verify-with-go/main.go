// Reads Khidi's evidence log with Go's own checksum-database packages: nothing here was written for Khidi but the paths.
//
//	verify-with-go proof <vkey> <leaf file> <tlog-proof file>   checks one proof
//	verify-with-go log <vkey> <folder or URL>                   reads the whole log back and proves each entry
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 5 && os.Args[1] == "proof":
		err = checkProof(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 4 && os.Args[1] == "log":
		err = readLog(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("usage: verify-with-go proof <vkey> <leaf> <proof> | log <vkey> <folder or URL>")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// openCheckpoint verifies the signed note and gives the tree that it names.
func openCheckpoint(vkey string, text []byte) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func checkProof(vkey, leafFile, proofFile string) error {
	entry, err := os.ReadFile(leafFile)
	if err != nil {
		return err
	}
	proof, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("%s is no tlog-proof", proofFile)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return fmt.Errorf("not a hash: %s", line)
		}
		path = append(path, tlog.Hash(hash))
	}
	tree, err := openCheckpoint(vkey, []byte(checkpoint))
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d holds\n", index, tree.N)
	return nil
}

// source reads files of the log from a folder or over HTTP.
type source string

func (from source) get(path string) ([]byte, error) {
	if !strings.HasPrefix(string(from), "http") {
		return os.ReadFile(filepath.Join(string(from), filepath.FromSlash(path)))
	}
	answer, err := http.Get(string(from) + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// Height, ReadTiles and SaveTiles make it a tlog.TileReader. C2SP leaves the height, which is always 8, out of the path.
func (from source) Height() int { return 8 }

func (from source) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := from.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func (from source) SaveTiles([]tlog.Tile, [][]byte) {}

func readLog(vkey, place string) error {
	from := source(strings.TrimSuffix(place, "/"))
	text, err := from.get("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(vkey, text)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, from)
	count := int64(0)
	for bundle := int64(0); bundle*256 < tree.N; bundle++ {
		width := min(256, tree.N-bundle*256)
		tile := tlog.Tile{H: 8, L: 0, N: bundle, W: int(width)}
		bytes, err := from.get(strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
		if err != nil {
			return err
		}
		entries, err := split(bytes)
		if err != nil || int64(len(entries)) != width {
			return fmt.Errorf("bundle %d has %d entries (%v)", bundle, len(entries), err)
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, bundle*256+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes) // proven against the checkpoint's root by the reader
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				return fmt.Errorf("entry %d is not what the tree says", count)
			}
			count++
		}
	}
	fmt.Printf("%d entries read back and proven\n", count)
	return nil
}

func split(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	reader := bytes.NewReader(bundle)
	for reader.Len() > 0 {
		var length uint16
		if err := binary.Read(reader, binary.BigEndian, &length); err != nil {
			return nil, err
		}
		entry := make([]byte, length)
		if _, err := io.ReadFull(reader, entry); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}
